import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { RunDocument, RunEvent } from '@segno/schema'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { runIdIn, segno as segnoIn, startSegno, writeFiles, type Ended } from './process.fixture.ts'

const root = mkdtempSync(join(tmpdir(), 'segno-look-'))
afterAll(() => rmSync(root, { recursive: true }))

const files: Readonly<Record<string, string>> = {
  'release.segno.yaml': `
segno: 1
name: release
labels: { team: web }
input: { tag: { type: string } }
output: { built: { type: string, value: "\${{ steps.build.output }}" } }
steps:
  - id: build
    exec: [printf, 'built %s', "\${{ input.tag }}"]
    output: { from: stdout }
  - id: check
    run: |
      echo checking
      for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do echo "line $i" >&2; done
      printf 'expected \\033[31mred\\033[0m\\033]0;title\\007\\n' >&2
      exit 7
    retry: { max: 1, delay: 1ms }
`,
  'good.segno.yaml': 'segno: 1\nname: good\nsteps: [{ id: a, set: {} }]\n',
  'wait.segno.yaml': 'segno: 1\nname: wait\nsteps: [{ id: wait, waitFor: { signal: go } }]\n',
  'slow.segno.yaml': `
segno: 1
name: slow
steps:
  - id: slow
    run: |
      echo begun
      until [ -e go-on ]; do sleep 0.05; done
      echo finished
`,
}
writeFiles(root, files)

function segno(words: string): Promise<Ended> {
  return segnoIn(words, { cwd: root })
}

const ids = { failed: '', good: '', wait: '' }
beforeAll(async () => {
  for (const [name, words] of [
    ['good', 'run good.segno.yaml'],
    ['wait', 'run wait.segno.yaml --label team=ops'],
    ['failed', 'run release.segno.yaml -i tag=v1'],
  ] as const) {
    ids[name] = runIdIn(await segno(words))
  }
}, 60_000)

function steady(text: string): string {
  return text
    .replaceAll(ids.failed, 'run_1')
    .replace(/\d+ms|\d+\.\ds\b/g, '9ms')
    .replace(/\d\d:\d\d:\d\d(\.\d{3})?/g, 'hh:mm:ss')
    .replace(/\d{4}-\d\d-\d\d/g, 'day')
    .replace(/\d+[smh] ago/g, '1s ago')
    .replace(/ {2,}9ms$/gm, '  9ms')
}

describe.concurrent('segno runs', { timeout: 60_000 }, () => {
  test('lists runs, the newest first', async ({ expect }) => {
    const { code, stdout, stderr } = await segno('runs')
    const [head, ...lines] = stdout.trimEnd().split('\n')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(head).toMatch(/^ {2}STATUS +RUN +WORKFLOW +STARTED +TOOK +STEPS$/)
    expect(lines.map((line) => line.replace(/ +/g, ' ').replace(/\d+[smh] ago \S+/, 'now'))).toEqual([
      `✗ failed ${ids.failed} release now 1/2`,
      `◷ waiting ${ids.wait} wait now 0/1`,
      `✓ completed ${ids.good} good now 1/1`,
    ])
  })

  test('-o json prints those that are asked for as data, and where the next page begins', async ({ expect }) => {
    const { stdout } = await segno('runs -o json --status failed,waiting --limit 1')
    const { runs, cursor } = JSON.parse(stdout) as { readonly runs: readonly unknown[]; readonly cursor?: string }
    expect(runs).toMatchObject([
      { ...{ runId: ids.failed, status: 'failed', labels: { team: 'web' } }, steps: { done: 1, total: 2 } },
    ])
    const next = await segno(`runs -o json --status failed,waiting --cursor ${cursor}`)
    expect(JSON.parse(next.stdout)).toMatchObject({ runs: [{ runId: ids.wait, labels: { team: 'ops' } }] })
  })

  test('says that there are none, and makes no store', async ({ expect }) => {
    const { code, stdout, stderr } = await segno('runs --store nowhere')
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '', stderr: 'no runs in nowhere\n' })
  })

  test.for([
    ['--cursor nonsense', 'error[CURSOR_INVALID]'],
    ['--store memory', 'error[OPTION_INVALID] --store memory'],
  ] as const)('refuses %s', async ([words, says], { expect }) => {
    const { code, stderr } = await segno(`runs ${words}`)
    expect(code).toBe(2)
    expect(stderr).toContain(says)
  })
})

describe.concurrent('a run is named', { timeout: 60_000 }, () => {
  test('by its id, a unique beginning of it, @last and @last-failed', async ({ expect }) => {
    const shown = await Promise.all(
      [ids.failed, ids.failed.slice(0, -1), ids.failed.slice(4, -2), '@last', '@last-failed'].map((name) =>
        segno(`show ${name} -o json`),
      ),
    )
    expect(shown.map(({ stdout }) => RunDocument.parse(JSON.parse(stdout)).runId)).toEqual(shown.map(() => ids.failed))
  })

  test('or else the nearest are told, with 8', async ({ expect }) => {
    const { code, stderr } = await segno(`show ${ids.wait}zz`)
    expect(code).toBe(8)
    expect(stderr).toMatch(new RegExp(`^error\\[RUN_NOT_FOUND\\] .*\\n {2}the nearest are:\\n {4}${ids.wait} {2}wait`))
  })

  test('or those that it may mean, with 2', async ({ expect }) => {
    const { code, stderr } = await segno('show run_')
    expect(code).toBe(2)
    expect(stderr).toContain('error[RUN_AMBIGUOUS] run_ is the beginning of 3 runs')
  })
})

describe.concurrent('a run whose process failed', { timeout: 60_000 }, () => {
  test('is shown with its tree, where and why, what it printed last, and what next', async ({ expect }) => {
    const { code, stdout } = await segno(`show ${ids.failed}`)
    expect(code).toBe(0)
    expect(steady(stdout)).toMatchInlineSnapshot(`
      "release.segno.yaml  run_1
      ├─ ✓ build  9ms
      └─ ✗ check  attempt 2/2 · EXIT_CODE: exit code 7  9ms
      ████████████████████ 2/2  ✓ 1  ✗ 1  9ms

      started  day hh:mm:ss (1s ago)
      labels   team=web

      ✗ run_1 failed in 9ms — 1 failed, 1 completed

        check  EXIT_CODE after 2 attempts
        exit code 7

        --> release.segno.yaml:11:9
          10 |     output: { from: stdout }
        > 11 |   - id: check
             |         ^^^^^
          12 |     run: |

        ┌ stderr (last 12 of 16 lines) ─────────────────────────────────────────────
        │ line 5
        │ line 6
        │ line 7
        │ line 8
        │ line 9
        │ line 10
        │ line 11
        │ line 12
        │ line 13
        │ line 14
        │ line 15
        │ expected red
        └ .segno/runs/run_1/steps/check/attempt-2/stderr.log

        go on from there     segno retry run_1
        all that it printed  segno logs run_1 check
      "
    `)
  })

  test('shows a step in full', async ({ expect }) => {
    const { stdout } = await segno(`show ${ids.failed} check`)
    expect(steady(stdout)).toMatchInlineSnapshot(`
      "check  ✗ failed  run  9ms
        started  day hh:mm:ss

        attempt 1  hh:mm:ss  9ms  failed  EXIT_CODE: exit code 7 · again after 9ms
          .segno/runs/run_1/steps/check/attempt-1/stdout.log  9 B
          .segno/runs/run_1/steps/check/attempt-1/stderr.log  143 B
        attempt 2  hh:mm:ss  9ms  failed  EXIT_CODE: exit code 7
          .segno/runs/run_1/steps/check/attempt-2/stdout.log  9 B
          .segno/runs/run_1/steps/check/attempt-2/stderr.log  143 B

        input
          {}

        check  EXIT_CODE after 2 attempts
        exit code 7

        --> release.segno.yaml:11:9
          10 |     output: { from: stdout }
        > 11 |   - id: check
             |         ^^^^^
          12 |     run: |

        ┌ stderr (last 12 of 16 lines) ─────────────────────────────────────────────
        │ line 5
        │ line 6
        │ line 7
        │ line 8
        │ line 9
        │ line 10
        │ line 11
        │ line 12
        │ line 13
        │ line 14
        │ line 15
        │ expected red
        └ .segno/runs/run_1/steps/check/attempt-2/stderr.log
      "
    `)
  })

  test('shows what a step got and gave', async ({ expect }) => {
    const { stdout } = await segno(`show ${ids.failed} build -o json`)
    expect(JSON.parse(stdout)).toMatchObject({
      ...{ v: 1, runId: ids.failed, path: 'build', kind: 'exec', status: 'completed', output: 'built v1' },
      attempts: [{ attempt: 1, outcome: 'completed', exitCode: 0, output: [{ stream: 'stdout', bytes: 8 }] }],
    })
  })

  test('has a journal that can be read', async ({ expect }) => {
    const [text, json, lines] = await Promise.all(
      ['', '-o json', '--ui ndjson'].map((more) => segno(`show ${ids.failed} --events ${more}`)),
    )
    const { events } = JSON.parse(json?.stdout ?? '') as { readonly events: readonly unknown[] }
    const types = events.map((event) => RunEvent.parse(event).type)
    expect(types.at(0)).toBe('run.created')
    expect(types.at(-1)).toBe('run.failed')
    expect(text?.stdout.trimEnd().split('\n')).toHaveLength(types.length)
    expect(lines?.stdout.trimEnd().split('\n')).toHaveLength(types.length)
  })

  test('a step that has come up several times is named by its path', async ({ expect }) => {
    writeFiles(root, {
      'twice.segno.yaml':
        'segno: 1\nname: twice\nsteps: [{ id: each, forEach: { in: [a, b] }, do: [{ id: one, set: {} }] }]\n',
    })
    const started = await segno('run twice.segno.yaml --store twice')
    const id = runIdIn(started)
    const { stderr } = await segno(`show ${id} one --store twice`)
    expect(stderr).toBe(
      `error[STEP_AMBIGUOUS] one has come up 2 times in ${id}\n  name one of: each[0]/one, each[1]/one\n`,
    )
  })

  test('a step that it does not have is told with 8', async ({ expect }) => {
    const { code, stderr } = await segno(`show ${ids.failed} deploy`)
    expect({ code, stderr }).toEqual({
      code: 8,
      stderr: `error[STEP_NOT_FOUND] ${ids.failed} has no step deploy, or has not come to it\n  there are: build, check\n`,
    })
  })
})

describe.concurrent('segno logs', { timeout: 60_000 }, () => {
  test('prints what all processes printed, each file under its name', async ({ expect }) => {
    const { stdout } = await segno(`logs ${ids.failed} --tail 1`)
    expect(stdout).toBe(
      [
        '==> build attempt 1 stdout <==\nbuilt v1',
        ...[1, 2].flatMap((attempt) => [
          `\n==> check attempt ${attempt} stdout <==\nchecking\n`,
          `\n==> check attempt ${attempt} stderr <==\nexpected \u001b[31mred\u001b[0m\u001b]0;title\u0007\n`,
        ]),
      ].join(''),
    )
  })

  test('prints one stream of one attempt byte by byte', async ({ expect }) => {
    const { stdout } = await segno(`logs ${ids.failed} check --attempt 2 --stream stdout`)
    expect(stdout).toBe('checking\n')
  })

  test('says that there is nothing', async ({ expect }) => {
    const { code, stdout, stderr } = await segno(`logs ${ids.good}`)
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
    expect(stderr).toBe(`nothing was printed by the processes of ${ids.good}\n`)
  })

  test('-f goes on until the run ends', async ({ expect }) => {
    const cwd = mkdtempSync(join(root, 'slow-'))
    writeFiles(cwd, files)
    const run = startSegno('run slow.segno.yaml', { cwd })
    await run.printed('slow        started')
    const logs = startSegno('logs @last -f', { cwd })
    await logs.printed('begun')
    writeFileSync(join(cwd, 'go-on'), '')
    expect(await logs.ended).toMatchObject({ code: 0, stdout: 'begun\nfinished\n' })
    expect((await run.ended).code).toBe(0)
  })
})

test(
  'segno gc deletes ended runs by number and age, and none that may go on',
  { timeout: 60_000 },
  async ({ expect }) => {
    const cwd = mkdtempSync(join(root, 'gc-'))
    writeFiles(cwd, files)
    const gc = (words: string): Promise<Ended> => segnoIn(`gc ${words}`, { cwd })
    for (const name of ['wait', 'good', 'good', 'good']) await segnoIn(`run ${name}.segno.yaml`, { cwd })
    expect((await gc('')).code).toBe(2)
    expect((await gc('--keep 0 --older-than 1h')).stderr).toBe('0 runs deleted from .segno\n')
    expect((await gc('--keep 1 --dry-run')).stderr).toBe('2 runs would be deleted from .segno\n')
    const { code, stdout } = await gc('--keep 1 -o json')
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      v: 1,
      deleted: true,
      runs: [{ workflow: 'good' }, { workflow: 'good' }],
    })
    const { runs } = JSON.parse((await segnoIn('runs -o json', { cwd })).stdout) as {
      readonly runs: readonly unknown[]
    }
    expect(runs).toMatchObject([{ status: 'completed' }, { status: 'waiting' }])
    expect(readFileSync(join(cwd, 'good.segno.yaml'), 'utf8')).toBe(files['good.segno.yaml'])
  },
)
