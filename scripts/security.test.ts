import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

interface Locked {
  readonly link?: boolean
  readonly resolved?: string
  readonly integrity?: string
  readonly hasInstallScript?: boolean
  readonly dependencies?: Readonly<Record<string, string>>
}

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
  readonly packages: Readonly<Record<string, Locked>>
}
const rooms = ['schema', 'core', 'adapters', 'cli', 'language-server']

describe('what is installed with', () => {
  const limits = { schema: 5, core: 10, adapters: 10, cli: 12 }
  test.for(Object.entries(limits))('%s is few packages', ([room, max]) => {
    expect(installedWith(room).size).toBeLessThanOrEqual(max)
  })

  test.for(rooms)('%s runs no script when it is installed', (room) => {
    const scripts = [...installedWith(room)].filter((name) => lock.packages[`node_modules/${name}`]?.hasInstallScript)
    expect(scripts).toEqual([])
    const manifest = JSON.parse(readFileSync(`packages/${room}/package.json`, 'utf8')) as { scripts?: object }
    expect(Object.keys(manifest.scripts ?? {}).filter((name) => /^(pre|post)?install$|^prepare$/.test(name))).toEqual(
      [],
    )
  })
})

test('the lock file pins each package by its content, and names no place that it came from', () => {
  const packages = Object.entries(lock.packages).filter(([path]) => path.includes('node_modules/'))
  const foreign = packages.filter(([, { link }]) => link !== true)
  expect(foreign.length).toBeGreaterThan(100)
  expect(
    foreign.filter(([, { integrity }]) => integrity?.startsWith('sha512-') !== true).map(([path]) => path),
  ).toEqual([])
  expect(foreign.filter(([, { resolved }]) => resolved !== undefined).map(([path]) => path)).toEqual([])
})

test('nothing makes code from text, and no process is started by a shell', () => {
  const found = rooms.flatMap((room) => sources(`packages/${room}/src`).flatMap(mistakesIn))
  expect(found).toEqual([])
})

const forbidden = [
  /\beval\s*\(/,
  /\bnew Function\b|\bFunction\s*\(\s*['"`]/,
  /['"](node:)?vm['"]/,
  /\bshell: (true|['"])/,
  /import \{[^}]*\bexec(Sync)?\b[^}]*\} from 'node:child_process'/,
  /\bset(Timeout|Interval)\s*\(\s*[`'"]/,
  /\bdangerouslySetInnerHTML\b|\.(inner|outer)HTML\b/,
]

function mistakesIn(file: string): string[] {
  const code = readFileSync(file, 'utf8').replaceAll(/^\s*(\*|\/\/).*$/gm, '')
  return forbidden.filter((mistake) => mistake.test(code)).map((mistake) => `${file}: ${String(mistake)}`)
}

function sources(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return names
    .filter((name) => name.endsWith('.ts') && !/\.(test|fixture|test-d)\.ts$/.test(name))
    .map((name) => join(folder, name))
}

/** Names of all packages that come with one of ours; ours do not count. */
function installedWith(room: string): Set<string> {
  const found = new Set<string>()
  const visit = (dependencies: Locked['dependencies'] = {}): void => {
    for (const name of Object.keys(dependencies)) {
      const own = rooms.find((other) => name === `@segno/${other}`)
      if (own !== undefined) visit(lock.packages[`packages/${own}`]?.dependencies)
      else if (!found.has(name)) {
        found.add(name)
        visit(lock.packages[`node_modules/${name}`]?.dependencies)
      }
    }
  }
  visit(lock.packages[`packages/${room}`]?.dependencies)
  return found
}
