import { loadWorkflow } from '@segno/schema'
import { describe, expect, test } from 'vitest'
import { completed, failed, journal, locked, progressOf, started, type Entry } from '../progress/journal.fixture.ts'
import { advance } from '../progress/advance.ts'
import { newProgress } from '../progress/progress.ts'
import { ciLog } from './ci.ts'
import { epilogue, type EpilogueOptions } from './epilogue.ts'
import { plainLog, type PlainLog } from './plain.ts'
import { look } from './terminal.ts'

const text = `segno: 1
name: release
steps:
  - id: build
    set: {}
  - id: notify
    try:
      - id: send
        uses: mail
        retry: { max: 1 }
    catch: [{ do: [] }]
  - id: publish
    uses: registry
  - id: tidy
    set: {}
`
const { workflow, diagnostics } = loadWorkflow(text, { file: 'release.segno.yaml' })
if (workflow === undefined) throw new Error(JSON.stringify(diagnostics))
const { definition, sourceMap } = workflow
const source = { file: 'release.segno.yaml', text, sourceMap }

const failure = {
  ...locked,
  details: { box: 7 },
  cause: { code: 'EACCES', message: 'permission denied', retryable: false },
}

const entries: readonly Entry[] = [
  completed(4, 'build'),
  [4, 'step.started', { path: 'notify', attempt: 1 }],
  started(4, 'notify/send'),
  [1204, 'attempt.failed', { path: 'notify/send', attempt: 1, failure: locked, retryAt: 3204 }],
  started(3204, 'notify/send', 2),
  failed(3300, 'notify/send', 2),
  [3300, 'branch.taken', { path: 'notify', branch: 'catch[0]', value: 'LOCKED', attempt: 1 }],
  completed(3300, 'notify'),
  started(3300, 'publish'),
  [12_000, 'step.failed', { path: 'publish', attempt: 1, failure }],
  [12_000, 'run.failed', { failure }],
]

const skipped = { path: 'publish', because: { code: 'CONDITION_FALSE' } } as const

const plain = look({ unicode: true, color: false })

// The time of day depends on where the test runs.
function printed(log: PlainLog): string {
  const progress = newProgress(definition)
  const lines = journal(entries).flatMap((event) => {
    advance(progress, event)
    return log.event(event, progress)
  })
  return lines.join('\n').replace(/\d\d:\d\d:\d\d\.\d{3}/g, 'hh:mm:ss.mmm')
}

const log = plainLog(plain, { lists: newProgress(definition).lists, head: () => 'segno · release.segno.yaml' })

describe('an append-only log', () => {
  test('has a line for what begins, ends, fails and waits', () => {
    expect(printed(log)).toMatchInlineSnapshot(`
      "segno · release.segno.yaml
      hh:mm:ss.mmm  build        ok         0ms
      hh:mm:ss.mmm  notify       started
      hh:mm:ss.mmm  notify/send  started
      hh:mm:ss.mmm  notify/send  failed     attempt 1/2  LOCKED: the mailbox is locked  retry in 2.0s
      hh:mm:ss.mmm  notify/send  started    attempt 2/2
      hh:mm:ss.mmm  notify/send  failed     3.3s  LOCKED: the mailbox is locked
      hh:mm:ss.mmm  notify       branch     catch[0]
      hh:mm:ss.mmm  notify       ok         3.3s
      hh:mm:ss.mmm  publish      started
      hh:mm:ss.mmm  publish      failed     8.7s  LOCKED: the mailbox is locked"
    `)
  })

  test('says what runs when it has been silent', () => {
    const [line] = log.liveness(progressOf(definition, entries.slice(0, 3)), 30_004)
    expect(line?.slice('hh:mm:ss.mmm'.length)).toMatchInlineSnapshot(`"  …            running    notify/send 30.0s"`)
  })

  test('of GitHub groups the lines of a step, and annotates a failure in the file: a warning where it is foreseen', () => {
    expect(printed(ciLog(log, { title: source.file, source, glyphs: plain.glyphs }))).toMatchInlineSnapshot(`
      "segno · release.segno.yaml
      ::group::✓ build 0ms
      hh:mm:ss.mmm  build        ok         0ms
      ::endgroup::
      ::warning file=release.segno.yaml,line=8,col=13,title=notify/send%3A LOCKED::the mailbox is locked
      ::group::✓ notify 3.3s
      hh:mm:ss.mmm  notify       started
      hh:mm:ss.mmm  notify/send  started
      hh:mm:ss.mmm  notify/send  failed     attempt 1/2  LOCKED: the mailbox is locked  retry in 2.0s
      hh:mm:ss.mmm  notify/send  started    attempt 2/2
      hh:mm:ss.mmm  notify/send  failed     3.3s  LOCKED: the mailbox is locked
      hh:mm:ss.mmm  notify       branch     catch[0]
      hh:mm:ss.mmm  notify       ok         3.3s
      ::endgroup::
      ::error file=release.segno.yaml,line=12,col=9,title=publish%3A LOCKED::the mailbox is locked
      ::group::✗ publish 8.7s
      hh:mm:ss.mmm  publish      started
      hh:mm:ss.mmm  publish      failed     8.7s  LOCKED: the mailbox is locked
      ::endgroup::"
    `)
  })
})

describe('the last words', () => {
  const options: EpilogueOptions = {
    ...{ ...plain, ending: 'failed', source, color: false, volatile: true, now: 12_000 },
    next: [['run it again', 'segno run release.segno.yaml']],
  }

  test('about a failure say where, why and what next', () => {
    expect(epilogue(progressOf(definition, entries), options).join('\n')).toMatchInlineSnapshot(`
      "
      ✗ run_1 failed in 12.0s — 2 failed, 1 not started, 2 completed

        publish  LOCKED
        the mailbox is locked
        {
          "box": 7
        }
        caused by EACCES permission denied

        --> release.segno.yaml:12:9
          11 |     catch: [{ do: [] }]
        > 12 |   - id: publish
             |         ^^^^^^^
          13 |     uses: registry

        run it again  segno run release.segno.yaml"
    `)
  })

  test('about a run that went well are one line', () => {
    const progress = progressOf(definition, [completed(4, 'build'), [900, 'run.completed', {}]])
    expect(epilogue(progress, { ...options, ending: 'completed', next: [] })).toEqual([
      '✓ run_1 completed in 900ms — 1 completed',
    ])
  })

  test('about a run that went well call what failed on the way handled', () => {
    const handled = entries.slice(0, 8)
    const progress = progressOf(definition, [...handled, [900, 'step.skipped', skipped], [900, 'run.completed', {}]])
    expect(epilogue(progress, { ...options, ending: 'completed', next: [] })).toEqual([
      '✓ run_1 completed in 900ms — 2 completed, 1 skipped, 1 failed and handled',
    ])
  })

  test('about a run that is open say honestly what becomes of it', () => {
    const progress = progressOf(definition, entries.slice(0, 3))
    const words = epilogue(progress, { ...options, ending: 'interrupted' }).join('\n')
    expect(words).toContain('its state is gone with this process')
    const durable = epilogue(progress, { ...options, ending: 'interrupted', volatile: false }).join('\n')
    expect(durable).not.toContain('gone')
  })

  test('about a process that failed show what it printed last, and where all of it is', () => {
    const exited = { code: 'EXIT_CODE', message: 'npm test ended with exit code 1', retryable: true, details: { a: 1 } }
    const progress = progressOf(definition, [
      started(0, 'publish', 3),
      [9, 'step.failed', { path: 'publish', attempt: 3, failure: exited }],
      [9, 'run.failed', { failure: exited }],
    ])
    const excerpt = {
      ...({ stream: 'stderr', total: 412, file: '.segno/runs/run_1/steps/publish/attempt-3/stderr.log' } as const),
      lines: ['FAIL src/fork.test.ts', "  \u001b[31mexpected\u001b[0m 'a' to be \u001b]0;x\u0007'b'\r"],
    }
    const next = [['all that it printed', 'segno logs run_1 publish']] as const
    expect(epilogue(progress, { ...options, excerpt: () => excerpt, next }).join('\n')).toMatchInlineSnapshot(`
      "
      ✗ run_1 failed in 9ms — 1 failed, 3 not started

        publish  EXIT_CODE after 3 attempts
        npm test ended with exit code 1

        --> release.segno.yaml:12:9
          11 |     catch: [{ do: [] }]
        > 12 |   - id: publish
             |         ^^^^^^^
          13 |     uses: registry

        ┌ stderr (last 2 of 412 lines) ─────────────────────────────────────────────
        │ FAIL src/fork.test.ts
        │   expected 'a' to be 'b'
        └ .segno/runs/run_1/steps/publish/attempt-3/stderr.log

        all that it printed  segno logs run_1 publish"
    `)
  })

  test('about a run that lacks a handler say what to do', () => {
    const missing = { code: 'HANDLER_MISSING', message: 'no handler "registry" is registered', retryable: false }
    const progress = progressOf(definition, [
      started(0, 'publish'),
      [9, 'step.blocked', { path: 'publish', attempt: 1, failure: missing }],
    ])
    const words = epilogue(progress, { ...options, ending: 'blocked', volatile: false }).join('\n')
    expect(words).toContain('add it to `handlers` of segno.config.ts')
  })

  test('hold nothing that a terminal would obey', () => {
    const evil = { ...locked, message: 'a\u001b[2Jb', cause: { ...locked, message: '\u001b]0;x\u0007' } }
    const progress = progressOf(definition, [
      [9, 'step.failed', { path: 'build', attempt: 0, failure: evil }],
      [9, 'run.failed', { failure: evil }],
    ])
    expect(epilogue(progress, options).join('')).not.toMatch(/\p{Cc}/u)
  })
})
