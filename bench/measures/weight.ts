import { execFile } from 'node:child_process'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Measure } from '../task.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const execute = promisify(execFile)

/** W5: what a browser loads, and what an installation brings. */
export const measure: Measure = async () => {
  const sizes = await bundleSizes()
  const packages = installedWith('packages/core')
  const bytes = packages.reduce((sum, folder) => sum + bytesOf(folder), 0)
  return {
    runKilobytes: sizeOf(sizes, 'run a checked plan'),
    parseAndRunKilobytes: sizeOf(sizes, 'parse, check and run'),
    corePackages: packages.length,
    coreMiB: bytes / 2 ** 20,
  }
}

interface BundleSize {
  readonly name: string
  readonly size: number
}

/** As `npm run size` has them: minified and compressed. */
async function bundleSizes(): Promise<readonly BundleSize[]> {
  const program = join(root, 'node_modules/size-limit/bin.js')
  try {
    const { stdout } = await execute(process.execPath, [program, '--json'], { cwd: root })
    return JSON.parse(stdout) as BundleSize[]
  } catch (error) {
    // Beyond a limit it ends with 1, and has said the sizes all the same.
    if (error instanceof Error && 'stdout' in error && error.stdout !== '') {
      return JSON.parse(String(error.stdout)) as BundleSize[]
    }
    throw error
  }
}

function sizeOf(sizes: readonly BundleSize[], name: string): number {
  const found = sizes.find((size) => size.name.startsWith(name))
  if (found === undefined) throw new Error(`.size-limit.js has nothing that begins with "${name}"`)
  return found.size / 1000
}

interface Locked {
  readonly link?: boolean
  readonly resolved?: string
  readonly dependencies?: Readonly<Record<string, string>>
}

/** The folders of a package and of all that is installed with it. */
function installedWith(folder: string): readonly string[] {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, Locked>>
  }
  const found = new Set<string>()
  const add = (place: string): void => {
    if (found.has(place)) return
    found.add(place)
    for (const name of Object.keys(packages[place]?.dependencies ?? {})) add(placeOf(packages, place, name))
  }
  add(folder)
  return [...found]
}

// As Node looks for it: in the folder itself, then in those above it.
function placeOf(packages: Readonly<Record<string, Locked>>, from: string, name: string): string {
  const place = join(from, 'node_modules', name)
  const locked = packages[place]
  if (locked?.link === true && locked.resolved !== undefined) return locked.resolved
  if (locked !== undefined) return place
  if (from === '' || from === '.') throw new Error(`package-lock.json has no ${name}`)
  return placeOf(packages, join(from, '..') === '.' ? '' : join(from, '..'), name)
}

/** Of a package of ours, what is published. */
function bytesOf(folder: string): number {
  const isOwn = folder.startsWith('packages/')
  const { files = [] } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as { files?: string[] }
  const parts = isOwn ? [...files, 'package.json'] : ['.']
  return parts.reduce((sum, part) => sum + bytesIn(join(root, folder, part)), 0)
}

function bytesIn(path: string): number {
  const look = statSync(path)
  if (!look.isDirectory()) return look.size
  return readdirSync(path).reduce((sum, name) => sum + bytesIn(join(path, name)), 0)
}
