import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { segno, writeFiles, type Ended } from './process.fixture.ts'

const folder = mkdtempSync(join(tmpdir(), 'segno-values-'))
afterAll(() => rmSync(folder, { recursive: true }))

const files = {
  'large.segno.yaml': `
segno: 1
name: large
input: { text: { type: string } }
output: { text: { type: string, value: "\${{ steps.big.output.text }}" } }
steps: [{ id: big, set: { text: "\${{ input.text }}", n: 1 } }, { id: last, set: { n: "\${{ steps.big.output.n }}" } }]
`,
  text: 'x'.repeat(20_000),
}

/** Each reads a value that does not stand in the journal itself. */
const readers = [
  ['fork, of an output of which a field is set', 'fork @last --set steps.big.output.n:=2'],
  ['show, of the output of a run', 'show @last'],
  ['show, of the output of a step', 'show @last big'],
] as const

const run = (words: string): Promise<Ended> => segno(words, { cwd: folder })

/** What lies beside the journal. */
let kept: readonly (readonly [path: string, text: string])[] = []

function put(change: (text: string) => string): void {
  for (const [path, text] of kept) writeFileSync(path, change(text))
}

beforeAll(async () => {
  writeFiles(folder, files)
  expect((await run('run large.segno.yaml -i text@text')).code).toBe(0)
  const paths = globSync(join(folder, '.segno/runs/*/blobs/*'))
  kept = paths.map((path) => [path, readFileSync(path, 'utf8')])
}, 60_000)

describe('a value beside the journal', { timeout: 60_000 }, () => {
  test.for(readers)('is refused where it is damaged, by %s', async ([, words]) => {
    put((text) => text.replace('xxxx', 'yyyy'))
    const { code, stdout, stderr } = await run(words)
    expect({ code, stdout }).toEqual({ code: 8, stdout: '' })
    expect(stderr).toMatch(/^error\[RUN_UNREADABLE\] the value [0-9a-f]{64} of run_\w+ is damaged\n/)
  })

  test.for(readers)('is refused where it is missing, by %s', async ([, words]) => {
    for (const [path] of kept) rmSync(path, { force: true })
    const { code, stdout, stderr } = await run(words)
    expect({ code, stdout }).toEqual({ code: 8, stdout: '' })
    expect(stderr).toMatch(/^error\[RUN_UNREADABLE\] the store has no value [0-9a-f]{64} of run_\w+\n/)
  })

  test('is not needed to tell what is in the journal', async () => {
    for (const [path] of kept) rmSync(path, { force: true })
    const { code, stdout } = await run('show @last --events')
    expect(code).toBe(0)
    expect(stdout).toContain('run.completed')
  })

  test('is read where it is whole', async () => {
    put((text) => text)
    expect((await run('show @last')).stdout).toContain('xxxx')
    const { code, stderr } = await run('fork @last --set steps.big.output.n:=2')
    expect({ code, stderr }).toMatchObject({ code: 0 })
    expect((await run('show @last big -o json')).stdout).toContain('"n": 2')
  })
})
