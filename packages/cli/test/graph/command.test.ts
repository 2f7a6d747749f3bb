import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { segno as segnoIn, writeFiles, type Ended } from '../../src/process.fixture.ts'
import { readPage, root as repository } from '../docs/page.ts'
import { readDot } from './read-dot.ts'
import { readMermaid } from './read-mermaid.ts'
import { readSvg } from './read-svg.ts'

const root = mkdtempSync(join(tmpdir(), 'segno-graph-'))
afterAll(() => rmSync(root, { recursive: true }))

writeFiles(root, {
  'release.segno.yaml': `
segno: 1
name: release
steps:
  - { id: build, exec: [echo, built] }
  - { id: check, exec: [sh, -c, exit 7] }
  - { id: publish, exec: [echo, published] }
`,
  'caller.segno.yaml': `
segno: 1
name: caller
imports: { lib: ./lib/lib.segno.yaml }
steps: [{ id: sub, call: lib }]
`,
  'lib/lib.segno.yaml': 'segno: 1\nname: lib\nsteps: [{ id: inner, set: {} }]\n',
  'bad.segno.yaml': 'segno: 1\nname: bad\nsteps: [{ id: a, needs: [b], set: {} }]\n',
  'warned.segno.yaml': 'segno: 1\nname: warned\nsteps: [{ id: a, waitFor: { signal: go } }]\n',
})

function segno(words: string): Promise<Ended> {
  return segnoIn(words, { cwd: root })
}

let run = ''
beforeAll(async () => {
  run = /run_\w+/.exec((await segno('run release.segno.yaml')).stderr)?.[0] ?? 'no run'
}, 60_000)

describe('segno graph of a file', { timeout: 60_000 }, () => {
  test('prints Mermaid, or the format that is asked for', async () => {
    const plain = await segno('graph release.segno.yaml')
    expect([plain.code, plain.stderr]).toEqual([0, ''])
    expect((await readMermaid(plain.stdout)).nodes).toContain('build\nexec echo built')
    expect(readDot((await segno('graph release.segno.yaml --format dot')).stdout).nodes).toContain(
      'build\nexec echo built',
    )
    expect(readSvg((await segno('graph release.segno.yaml --format svg')).stdout).nodes).toContain(
      'build\nexec echo built',
    )
  })

  test('writes a file, in the format that its name tells', async () => {
    const { code, stdout, stderr } = await segno('graph release.segno.yaml --out release.svg')
    expect([code, stdout, stderr]).toEqual([0, '', 'wrote release.svg\n'])
    expect(readSvg(readFileSync(join(root, 'release.svg'), 'utf8')).nodes).toContain('build\nexec echo built')
  })

  test('shows what is inside of called workflows when that is asked for', async () => {
    expect((await segno('graph caller.segno.yaml')).stdout).not.toContain('inner')
    expect((await segno('graph caller.segno.yaml --expand')).stdout).toContain('inner')
  })

  test('that has errors prints them, and no graph', async () => {
    const { code, stdout, stderr } = await segno('graph bad.segno.yaml')
    expect([code, stdout]).toEqual([3, ''])
    expect(stderr).toContain('bad.segno.yaml:3:')
  })

  test('that has warnings prints them beside the graph', async () => {
    const { code, stdout, stderr } = await segno('graph warned.segno.yaml')
    expect(code).toBe(0)
    expect(stderr).toContain('WAIT_WITHOUT_END')
    await expect(readMermaid(stdout)).resolves.toMatchObject({ title: 'warned' })
  })

  test('that is not there says which files there are', async () => {
    const { code, stderr } = await segno('graph relase.segno.yaml')
    expect(code).toBe(2)
    expect(stderr).toContain('release.segno.yaml')
  })

  test('does not write into a folder that is not there', async () => {
    const { code, stderr } = await segno('graph release.segno.yaml --out none/release.svg')
    expect(code).toBe(2)
    expect(stderr).toContain('error[OPTION_INVALID] --out none/release.svg')
  })
})

describe('segno graph of a run', { timeout: 60_000 }, () => {
  test('shows how it stands', async () => {
    const { code, stdout, stderr } = await segno(`graph ${run}`)
    expect([code, stderr]).toEqual([0, ''])
    const { title, nodes, classes } = await readMermaid(stdout)
    expect(title).toBe('release · failed · EXIT_CODE')
    expect(nodes.filter((words) => !/^(start|end)/.test(words))).toEqual([
      'build\nexec echo built\n✓ completed',
      'check\nexec sh -c exit 7\n✗ failed · EXIT_CODE',
      'publish\nexec echo published\n– not reached',
    ])
    expect(classes.get('s_check')).toEqual(['failed'])
  })

  test('is a document with -o json', async () => {
    const { stdout } = await segno(`graph @last -o json`)
    expect(JSON.parse(stdout)).toMatchObject({
      v: 1,
      graph: { name: 'release', items: [':entry', 'build', 'check', 'publish', ':exit'] },
      status: { run: { status: 'failed' }, items: { build: { status: 'completed' } } },
    })
  })

  test('that is not there is exit code 8', async () => {
    expect((await segno('graph run_none')).code).toBe(8)
  })
})

test('the page about graphs shows the Mermaid of the main example', async () => {
  const { stdout } = await segnoIn('graph examples/email-triage/email-triage.segno.yaml', { cwd: repository })
  const [block] = readPage('docs/16-graphs.md').blocks.filter(({ language }) => language === 'mermaid')
  expect(block?.text).toBe(stdout)
})
