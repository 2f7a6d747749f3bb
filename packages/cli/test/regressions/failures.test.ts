/**
 * Failures that were swallowed, made a success, or told by half.
 *
 * | test | what was wrong |
 * |---|---|
 * | a process that fails … | a setting for output that does not parse made a success of exit code 7 |
 * | the exit code of a process is kept … | output that did not parse put a code of its own in the place of the exit code |
 * | a retry … | only two exit codes were retried, at a fixed pace; for the others the setting did nothing, without a word |
 * | a failing step in a loop … | it failed neither the loop nor the run |
 * | an ordinary failure of a command … | no failure was recorded, no end of stderr, and no time at which the step began and ended |
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { RunDocument, type RunEvent } from '@segno/schema'
import { afterAll, describe, expect, test } from 'vitest'
import { segno, writeFiles } from '../../src/process.fixture.ts'
import { eventOf, filesBelow, mistakes, openWorld } from './world.ts'

const timeout = 30_000
const folder = mkdtempSync(join(tmpdir(), 'segno-failures-'))
afterAll(() => rmSync(folder, { recursive: true }))

describe('a process that fails', { timeout }, () => {
  test('fails its run with the exit code, whatever it has printed', async () => {
    await using world = openWorld()
    const { result, events } = await world.play(`
output: { value: { type: object, value: "\${{ steps.work.output }}" } }
steps:
  - { id: work, run: 'echo "{ no json"; exit 7', output: { from: json } }`)

    expect(result).toMatchObject({ status: 'failed', failure: { code: 'EXIT_CODE', details: { exitCode: 7 } } })
    expect(events.map(({ type }) => type)).not.toContain('step.completed')
  })

  test.for(['output: { from: json, allowParseError: true }', 'allowParseError: true'])(
    'is not made a success of by %s',
    (setting) => {
      expect(mistakes(`steps: [{ id: work, run: exit 7, ${setting} }]`)).toEqual([
        expect.stringContaining('unknown key "allowParseError"'),
      ])
    },
  )
})

describe('the exit code of a process is kept', { timeout }, () => {
  test.for([
    ['output that does not parse, and 7', 'echo no; exit 7', 'EXIT_CODE', 7],
    ['output that parses, and 7', 'echo 5; exit 7', 'EXIT_CODE', 7],
    ['no output, and 255', 'exit 255', 'EXIT_CODE', 255],
    ['output that does not parse, and 0', 'echo no', 'OUTPUT_INVALID', 0],
    ['output that does not fit, and 0', 'echo true', 'OUTPUT_INVALID', 0],
    ['no output, and 0', 'exit 0', 'OUTPUT_INVALID', 0],
  ] as const)('with %s', async ([, script, code, exitCode]) => {
    await using world = openWorld()
    const { result, ...journal } = await world.play(`
output: { seen: { type: integer, value: "\${{ has(steps.work.exitCode) ? steps.work.exitCode : -1 }}" } }
steps:
  - id: work
    run: ${script}
    output: { from: json, schema: { type: number } }
    onFailure: continue`)

    expect(eventOf(journal, 'step.failed').failure).toMatchObject({ code, details: { exitCode } })
    expect(result).toEqual({ status: 'completed', output: { seen: exitCode } })
  })
})

describe('a retry', { timeout }, () => {
  const attempts = ({ events }: { readonly events: readonly RunEvent[] }): readonly (readonly unknown[])[] =>
    events
      .filter(({ type }) => type === 'attempt.failed' || type === 'step.failed')
      .map((event) =>
        event.type === 'attempt.failed'
          ? [event.failure.code, event.failure.details, event.retryAt - event.at]
          : [event.type],
      )

  test('follows any exit code and any signal, each after twice the time, up to the cap, as the journal tells', async () => {
    await using world = openWorld()
    const { result, ...journal } = await world.play(`
steps:
  - id: work
    run: |
      echo again >> tries
      case $SEGNO_ATTEMPT in 1) exit 3 ;; 2) exit 22 ;; 3) exit 255 ;; 4) kill -s SEGV $$ ;; esac
    retry: { max: 5, delay: 10ms, maxDelay: 25ms, jitter: false }`)

    expect(attempts(journal)).toEqual([
      ['EXIT_CODE', expect.objectContaining({ exitCode: 3 }), 10],
      ['EXIT_CODE', expect.objectContaining({ exitCode: 22 }), 20],
      ['EXIT_CODE', expect.objectContaining({ exitCode: 255 }), 25],
      ['KILLED_BY_SIGNAL', expect.objectContaining({ signal: 'SIGSEGV' }), 25],
    ])
    expect(readFileSync(join(world.workspace, 'tries'), 'utf8')).toBe('again\n'.repeat(5))
    expect(result.status).toBe('completed')
  })

  test.for([
    ['for a code that is named', 'on: [EXIT_CODE]', 3],
    ['not for one that is not named', 'on: [TIMEOUT]', 1],
    ['not for one that is excepted', 'except: [EXIT_CODE]', 1],
    ['for one that is not excepted', 'except: [TIMEOUT]', 3],
  ] as const)('is made %s', async ([, setting, tries]) => {
    await using world = openWorld()
    const { result } = await world.play(`
steps:
  - { id: work, run: "echo again >> tries; exit 3", retry: { max: 2, delay: 1ms, ${setting} } }`)

    expect(readFileSync(join(world.workspace, 'tries'), 'utf8')).toBe('again\n'.repeat(tries))
    expect(result).toMatchObject({ status: 'failed', failure: { code: 'EXIT_CODE', details: { exitCode: 3 } } })
  })

  test('is not made unless the step asks for it', async () => {
    await using world = openWorld()
    const { result } = await world.play('steps: [{ id: work, run: "echo again >> tries; exit 1" }]')

    expect(readFileSync(join(world.workspace, 'tries'), 'utf8')).toBe('again\n')
    expect(result.status).toBe('failed')
  })
})

describe('a failing step in a loop', { timeout }, () => {
  test.for([
    ['the loop', ''],
    ['a loop of several items at a time', ', concurrency: 2'],
  ] as const)('fails %s and the run, and nothing starts after it', async ([, setting]) => {
    await using world = openWorld()
    const { result, ...journal } = await world.play(`
steps:
  - id: each
    forEach: { in: "[0, 1, 2, 3, 4]"${setting} }
    do:
      - { id: work, exec: [sh, -c, 'touch item-$0; test $0 != 1', "\${{ item }}"] }
  - { id: after, exec: [touch, after] }`)

    expect(result).toMatchObject({ status: 'failed', failure: { code: 'EXIT_CODE', details: { exitCode: 1 } } })
    expect(eventOf(journal, 'step.failed', 'each').failure).toMatchObject({ code: 'EXIT_CODE' })
    const left = [...filesBelow(world.workspace).keys()]
    expect(left).toContain('item-1')
    expect(left).not.toContain('item-4')
    expect(left).not.toContain('after')
  })

  test('fails the loops around its loop too', async () => {
    await using world = openWorld()
    const { result } = await world.play(`
steps:
  - id: outer
    forEach: { in: [a, b] }
    do:
      - id: inner
        forEach: { in: [1, 2], as: n }
        do:
          - { id: work, exec: [test, "\${{ item }}", "=", b] }`)

    expect(result).toMatchObject({ status: 'failed', failure: { code: 'EXIT_CODE' } })
  })

  test('fails the command with 1', async () => {
    writeFiles(folder, {
      'loop.segno.yaml': `
segno: 1
name: loop
steps: [{ id: each, forEach: { in: [1, 2] }, do: [{ id: work, exec: ['false'] }] }]`,
    })
    const { code, stdout } = await segno('run loop.segno.yaml -o json', { cwd: folder })

    expect(code).toBe(1)
    expect(RunDocument.parse(JSON.parse(stdout))).toMatchObject({ status: 'failed', failure: { code: 'EXIT_CODE' } })
  })
})

describe('an ordinary failure of a command', { timeout }, () => {
  test('is kept with its exit code, the end of stderr and the times of the step', async () => {
    writeFiles(folder, {
      'plain.segno.yaml': `
segno: 1
name: plain
steps: [{ id: work, run: "echo fine; echo first >&2; echo the disk is full >&2; exit 4" }]`,
    })
    const before = Date.now()
    const { stdout } = await segno('run plain.segno.yaml -o json', { cwd: folder })
    const { runId, steps, failedStep } = RunDocument.parse(JSON.parse(stdout))
    const shown = await segno(`show ${runId} work -o json`, { cwd: folder })
    const after = Date.now()

    const failure = {
      ...{ code: 'EXIT_CODE', message: 'exit code 4', retryable: true },
      details: {
        ...{ exitCode: 4, stderrTail: 'first\nthe disk is full', stderrLines: 2, stdoutBytes: 5, stderrBytes: 23 },
        evidence: 'steps/work/attempt-1',
      },
    }
    expect(failedStep).toBe('work')
    expect(steps).toEqual([expect.objectContaining({ path: 'work', status: 'failed', attempts: 1, failure })])
    const step = JSON.parse(shown.stdout) as { readonly startedAt: number; readonly endedAt: number }
    expect(shown.stdout).toContain('the disk is full')
    for (const { startedAt = 0, endedAt = 0 } of [steps[0] ?? {}, step]) {
      expect([before, startedAt, endedAt, after]).toEqual([before, startedAt, endedAt, after].toSorted((a, b) => a - b))
      expect(endedAt).toBeGreaterThan(startedAt)
    }
  })
})
