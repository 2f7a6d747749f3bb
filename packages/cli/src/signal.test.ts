import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'vitest'
import { caseFolders } from './case-folders.fixture.ts'
import { segno, startSegno } from './process.fixture.ts'

const files: Readonly<Record<string, string>> = {
  'wait.segno.yaml': `
segno: 1
name: wait
output: { got: { value: "\${{ steps.wait.output }}" } }
steps: [{ id: wait, waitFor: { signal: go } }]
`,
  'days.segno.yaml': `
segno: 1
name: days
output: { by: { type: string, value: "\${{ steps.wait.output.by }}" } }
steps: [{ id: wait, waitFor: { signal: approved }, timeout: 2d }]
`,
  'computed.segno.yaml': `
segno: 1
name: computed
input: { name: { type: string } }
steps: [{ id: wait, waitFor: { signal: "\${{ input.name }}" } }]
`,
  'busy.segno.yaml': `
segno: 1
name: busy
steps:
  - id: both
    parallel:
      - { id: wait, waitFor: { signal: go } }
      - { id: work, run: 'while test ! -e done; do sleep 0.1; done' }
`,
  'document.segno.yaml': `
segno: 1
name: document
output: { steps: { type: integer, value: "\${{ steps.life.output.n }}" } }
steps:
  - id: life
    initial: draft
    states:
      draft: { on: { submit: { to: review } } }
      review: { do: [{ id: note, set: { n: 1 } }], on: { approve: { to: done } } }
      done: {}
    output: { n: "\${{ has(steps.note.output) ? steps.note.output.n : 0 }}" }
`,
  'done.segno.yaml': 'segno: 1\nname: done\nsteps: [{ id: a, set: {} }]\n',
  'data.json': '{"by":"Bo"}\n',
}

const folder = caseFolders('signal', files)

describe.concurrent('segno signal', { timeout: 60_000 }, () => {
  test('keeps a signal for a run that nobody drives, and says how it goes on', async ({ expect }) => {
    const cwd = folder()
    const waiting = await segno('run wait.segno.yaml', { cwd })
    expect(waiting.code).toBe(4)
    const [, runId = ''] = /send the signal {2}segno signal (run_\w+) go\n/.exec(waiting.stderr) ?? []
    const sent = await segno(`signal ${runId} go --data {"by":"Ada"}`, { cwd })
    expect(sent).toEqual({
      code: 0,
      stdout: '',
      stderr: `${runId}: the signal go is kept; a process that waits with the run takes it in\n  if none does  segno resume ${runId}\n`,
    })
    const { code, stdout } = await segno(`resume ${runId}`, { cwd })
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'got: {"by":"Ada"}\n' })
    const journal = readFileSync(join(cwd, '.segno/runs', runId, 'journal/000002.jsonl'), 'utf8')
    expect(journal).toContain('"sender":"segno signal"')
  })

  test('is taken in by a process that waits with the run', async ({ expect }) => {
    const cwd = folder()
    const { ended, printed } = startSegno('run days.segno.yaml', { cwd })
    await printed('for signal approved')
    const sent = await segno('signal @last approved --data-file data.json', { cwd })
    expect(sent.code).toBe(0)
    expect(await ended).toMatchObject({ code: 0, stdout: 'by: Bo\n' })
  })

  test('names the process that drives the run', async ({ expect }) => {
    const cwd = folder()
    const { child, ended, printed } = startSegno('run busy.segno.yaml', { cwd })
    await printed('both/work   started')
    const { code, stderr } = await segno('signal @last go', { cwd })
    expect(code).toBe(0)
    expect(stderr).toMatch(
      new RegExp(`: process ${child.pid} on \\S+ is sent the signal go; segno show run_\\w+ tells`),
    )
    await printed('both/wait   ok')
    writeFileSync(join(cwd, 'done'), '')
    expect((await ended).code).toBe(0)
  })

  test('is named by the last words of a run that was stopped while it waits', async ({ expect }) => {
    const cwd = folder()
    const signals = [['for signal approved', 'SIGINT']] as const
    const { stderr } = await segno('run days.segno.yaml', { cwd, signals })
    expect(stderr).toMatch(/was interrupted.*send the signal {2}segno signal run_\w+ approved\n {2}go on/s)
  })

  test('reads its data from standard input, and carries null without any', async ({ expect }) => {
    const cwd = folder()
    await segno('run wait.segno.yaml', { cwd })
    await segno('signal @last go --data-file -', { cwd, stdin: '"yes"' })
    expect((await segno('resume @last', { cwd })).stdout).toBe('got: yes\n')
    await segno('run wait.segno.yaml', { cwd })
    await segno('signal @last go', { cwd })
    expect((await segno('resume @last', { cwd })).stdout).toBe('got: null\n')
  })

  test('-o json prints what was sent, and a second one with its --id is a duplicate', async ({ expect }) => {
    const cwd = folder()
    await segno('run wait.segno.yaml', { cwd })
    const [first, second] = [
      await segno('signal @last go --id a -o json', { cwd }),
      await segno('signal @last go --id a -o json', { cwd }),
    ]
    expect(JSON.parse(first.stdout)).toEqual({
      ...{ v: 1, runId: expect.stringMatching(/^run_/) as string },
      ...{ signal: 'go', id: 'a', outcome: 'accepted' },
    })
    expect(JSON.parse(second.stdout)).toMatchObject({ outcome: 'duplicate' })
    expect([first.stderr, second.stderr]).toEqual(['', ''])
    const told = await segno('signal @last go --id a', { cwd })
    expect(told.stderr).toMatch(/^run_\w+ has a signal of this id already: nothing was sent\n$/)
  })

  test('warns of a name that the workflow never waits for, where that can be told', async ({ expect }) => {
    const cwd = folder()
    await segno('run wait.segno.yaml', { cwd })
    const slip = await segno('signal @last goo', { cwd })
    expect(slip.code).toBe(0)
    expect(slip.stderr).toMatch(/^warning: wait waits for go, never for goo\n/)
    await segno('run computed.segno.yaml -i name=x', { cwd })
    expect((await segno('signal @last y', { cwd })).stderr).not.toContain('warning')
  })

  test('leads a state machine on, and warns of one that its state does not take', async ({ expect }) => {
    const cwd = folder()
    const draft = await segno('run document.segno.yaml', { cwd })
    expect(draft.stderr).toContain('\n  life  waiting  in draft, for submit\n')
    expect(draft.stderr).toMatch(/send the signal {2}segno signal run_\w+ submit\n/)
    const early = await segno('signal @last approve', { cwd })
    expect(early.stderr).toMatch(/^warning: life is in draft, which does not take approve: there, it is ignored\n/)
    expect((await segno('signal @last submit', { cwd })).stderr).not.toContain('warning')
    const review = await segno('resume @last', { cwd })
    expect(review.stderr).toMatch(/ignored {4}a message: the state "draft" does not wait for "approve"\n/)
    const shown = await segno('show @last life', { cwd })
    expect(shown.stdout).toMatch(
      /^life .* waiting {2}states.*\n {2}\[0\] {2}\S+ {2}draft\n {2}\[1\] {2}\S+ {2}review {2}on submit\n/s,
    )
    await segno('signal @last approve', { cwd })
    expect((await segno('resume @last', { cwd })).code).toBe(0)
  })

  test.for<readonly [what: string, words: string, code: number, says: string]>([
    ['data that is no JSON', 'signal @last go --data yes', 2, 'error[DATA_INVALID] --data: expected JSON: '],
    ['data twice', 'signal @last go --data 1 --data-file data.json', 2, 'error[USAGE] --data and --data-file'],
    ['a file that is not there', 'signal @last go --data-file no.json', 2, 'error[FILE_NOT_FOUND] --data-file no.json'],
    ['a name of Segno', 'signal @last segno.cancel', 2, 'error[ARGUMENT_INVALID] A signal cannot be called'],
    ['no name', 'signal @last', 2, "error[USAGE] missing required argument 'name'"],
    ['a run that is not there', 'signal run_none go', 8, 'error[RUN_NOT_FOUND]'],
  ])('sends nothing for %s', async ([, words, expected, says], { expect }) => {
    const cwd = folder()
    await segno('run wait.segno.yaml', { cwd })
    const { code, stdout, stderr } = await segno(words, { cwd })
    expect({ code, stdout }).toEqual({ code: expected, stdout: '' })
    expect(stderr).toContain(says)
    // It would have gone on, had anything been sent.
    expect((await segno('resume @last', { cwd })).code).toBe(4)
  })

  test('is refused by a run that has ended', async ({ expect }) => {
    const cwd = folder()
    await segno('run done.segno.yaml', { cwd })
    const { code, stderr } = await segno('signal @last go', { cwd })
    expect(code).toBe(2)
    expect(stderr).toContain('error[RUN_CLOSED]')
  })
})
