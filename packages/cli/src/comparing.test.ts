import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { RunBundle } from '@segno/schema'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { segno, writeFiles, type Ended } from './process.fixture.ts'

const folder = mkdtempSync(join(tmpdir(), 'segno-comparing-'))
afterAll(() => rmSync(folder, { recursive: true }))

const price = (factor: number, more = ''): string => `
segno: 1
name: price
input: { seats: { type: integer }, apiKey: { type: string } }
output: { total: { type: number, value: "\${{ steps.sum.output.total }}" } }
steps:
  - { id: sum, set: { total: "\${{ input.seats * ${factor} }}" } }
  - { id: big, if: input.seats > 2, do: [{ id: note, set: { big: true } }] }
${more}`

const files = {
  'price.segno.yaml': price(10),
  'newer.segno.yaml': price(12, '  - { id: last, set: { x: 1 } }\n'),
  'reordered.segno.yaml': `
segno: 1
name: price
input: { seats: { type: integer }, apiKey: { type: string } }
output: { total: { type: number, value: "\${{ steps.sum.output.total }}" } }
steps:
  - { id: big, if: input.seats > 2, do: [{ id: note, set: { big: true } }] }
  - { id: sum, set: { total: "\${{ input.seats * 10 }}" } }
`,
  'broken.segno.yaml': 'segno: 1\nname: broken\nsteps: [{ id: a, sett: {} }]\n',
  'wait.segno.yaml': 'segno: 1\nname: wait\nsteps: [{ id: wait, waitFor: { signal: go } }]\n',
}

const run = (words: string): Promise<Ended> => segno(words, { cwd: folder })

async function started(words: string): Promise<string> {
  const { stdout } = await run(`run ${words} -o json`)
  return (JSON.parse(stdout) as { readonly runId: string }).runId
}

let [two, three, waiting] = ['', '', '']

beforeAll(async () => {
  writeFiles(folder, files)
  two = await started('price.segno.yaml -i seats=2 -i apiKey=sk-live-111')
  three = await started('price.segno.yaml -i seats=3 -i apiKey=sk-live-111')
  const { stdout } = await segno('run wait.segno.yaml -o json', { cwd: folder, signals: [['wait', 'SIGTERM']] })
  waiting = /run_\w+/.exec(stdout)?.[0] ?? ''
}, 60_000)

describe('segno diff', () => {
  test('tells what differs between two runs, and ends with 0 unless it is asked', async () => {
    const { stdout, code } = await run(`diff ${two} ${three} --no-color`)

    expect(code).toBe(0)
    expect(stdout).toMatch(new RegExp(`^${two} → ${three}\\n`))
    expect(stdout).toContain('input\n  ~ /seats  2 → 3\n')
    expect(stdout).toContain('output\n  ~ /total  20 → 30\n')
    expect(stdout).toMatch(/ {2}~ big\s+branch none → do\n/)
    expect(stdout).toMatch(/ {2}\+ big\/note\s+completed\n/)
    expect((await run(`diff ${two} ${three} --exit-code`)).code).toBe(1)
  })

  test('finds no difference between a run and itself', async () => {
    const { stdout, code } = await run(`diff ${two} ${two} --exit-code -o json`)

    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ v: 1, same: true, before: { runId: two }, input: [] })
  })

  test('compares workflow files without a store, and shows what has only another place by itself', async () => {
    const changed = await run('diff price.segno.yaml newer.segno.yaml --no-color --store none')
    expect(changed.stdout).toBe(
      [
        'price.segno.yaml → newer.segno.yaml\n',
        'definition',
        '  ~ sum/set/total  "${{ input.seats * 10 }}" → "${{ input.seats * 12 }}"',
        '  + last           set in steps\n',
      ].join('\n'),
    )
    const reordered = await run('diff price.segno.yaml reordered.segno.yaml -o md')
    expect(reordered.stdout).toContain(
      '### order\n\n|   | where | what |\n|---|---|---|\n| ~ | `big` | `another place in its list` |',
    )
    expect(reordered.stdout).not.toContain('### definition')
  })

  test('compares the workflow of a run with a file', async () => {
    const { stdout } = await run(`diff ${two} price.segno.yaml`)

    expect(stdout).toContain('no difference')
  })

  test('refuses a file with errors', async () => {
    const { code, stderr } = await run('diff price.segno.yaml broken.segno.yaml')

    expect(code).toBe(3)
    expect(stderr).toContain('NO_VERB')
  })
})

describe('segno export and segno import', () => {
  test('take a run from one store to another as it was, without what looks like a secret', async () => {
    const exported = await run(`export ${three} -O run.json`)
    expect(exported).toMatchObject({ code: 0, stderr: `wrote ${three} to run.json\n` })
    const text = readFileSync(join(folder, 'run.json'), 'utf8')
    expect(RunBundle.safeParse(JSON.parse(text)).error).toBeUndefined()
    expect(text).not.toContain('sk-live-111')
    expect(statSync(join(folder, 'run.json')).mode & 0o077).toBe(0)

    expect(await run('import run.json --store other')).toMatchObject({ code: 0, stdout: `${three}\n` })
    const { stdout } = await run(`diff ${three} ${three} --store other -o json`)
    expect(JSON.parse(stdout)).toMatchObject({ before: { status: 'completed' } })
    const again = await run('import run.json --store other')
    expect(again.code).toBe(7)
    expect(again.stderr).toContain('error[RUN_EXISTS]')
  })

  test('pause a run that has not ended', async () => {
    await run(`export ${waiting} -O waiting.json`)
    const { stderr, code } = await run('import waiting.json --store paused')

    expect(code).toBe(0)
    expect(stderr).toContain(`segno resume ${waiting} --store paused`)
    expect((await run(`show ${waiting} --store paused --no-color`)).stdout).toContain('paused')
  })

  test.for<[string, string, string, number]>([
    ['what is no JSON', 'broken.segno.yaml', 'error[BUNDLE_INVALID]', 2],
    ['what holds no run', 'empty.json', 'error[BUNDLE_INVALID]', 2],
    ['a store that keeps nothing', 'run.json --store memory', 'error[OPTION_INVALID]', 2],
    ['what is not there', 'none.json', 'error[FILE_NOT_FOUND]', 2],
    ['a run that was changed', 'changed.json', '/row/head', 2],
  ])('refuse %s', async ([, file, text, code]) => {
    const { stdout } = await run(`export ${two} --redact none`)
    const bundle = JSON.parse(stdout) as { row: object }
    writeFileSync(join(folder, 'empty.json'), '{}')
    writeFileSync(join(folder, 'changed.json'), JSON.stringify({ ...bundle, row: { ...bundle.row, head: 1 } }))
    const ended = await run(`import ${file.includes('--store') ? file : `${file} --store refused`}`)

    expect(ended).toMatchObject({ code, stderr: expect.stringContaining(text) as string })
  })
})

describe('segno replay', () => {
  test('runs a run of the store again and comes to the same', async () => {
    expect(await run(`replay ${three} --no-color`)).toMatchObject({ code: 0, stdout: 'the same events: completed\n' })
  })

  test('runs a bundle by a newer workflow, and tells where it would have gone another way', async () => {
    await run(`export ${three} -O three.json`)
    const { code, stdout } = await run('replay three.json --workflow newer.segno.yaml --no-color')

    expect(code).toBe(1)
    expect(stdout).toContain('something else happens: completed\n  at event 2\n')
    expect(stdout).toMatch(/- recorded .*"total":30/)
    expect(stdout).toMatch(/\+ replayed .*"total":36/)
  })
})
