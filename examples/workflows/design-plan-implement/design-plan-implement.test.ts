import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { folderOf, loadNamed } from '../load-named.ts'
import { eventsOf, play, workDone, type Played, type Scene } from '../play.ts'

const workflow = loadNamed('design-plan-implement')

let workspace: string
beforeEach(async () => {
  workspace = await mkdtemp(join(tmpdir(), 'phases-'))
  await cp(folderOf('design-plan-implement'), workspace, { recursive: true })
})
afterEach(() => rm(workspace, { recursive: true }))

const release = { path: 'release', choice: 'release', by: 'ada' }

function build(scene: Scene): Promise<Played> {
  return play(workflow, { workspace, ...scene })
}

describe('a brief', () => {
  test('becomes a design, a plan and code, in as many rounds as the reviews ask for', async () => {
    const { output, events } = await build({ answers: [release] })
    expect(output).toEqual({
      files: ['count-whom-it-has-greeted', 'greet-by-name', 'speak-french-where-it-is-asked-to'].map(
        (name) => `out/run_1/src/${name}.mjs`,
      ),
      rounds: { design: 2, plan: 2, tests: 3 },
    })
    expect(await readFile(join(workspace, 'out/run_1/design.md'), 'utf8')).toContain('- count whom it has greeted\n')
    expect(workDone(events).filter((path) => path.startsWith('design/'))).toEqual(
      [0, 1].flatMap((round) => ['write', 'review'].map((step) => `design/document/loop[${round}]/${step}`)),
    )
    expect(eventsOf(events, 'task.asked')).toMatchObject([
      {
        title: 'Release 3 files?',
        body: expect.stringContaining('- greet by name\n- '),
        subject: { design: 'out/run_1/design.md' },
      },
    ])
  })

  test('that is not to be released fails with the reason', async () => {
    await writeFile(join(workspace, 'briefs/short.md'), '- greet\n')
    const answers = [{ ...release, choice: 'reject', comment: 'Too loud.' }]
    const { failure } = await build({ input: { brief: 'briefs/short.md' }, answers })
    expect(failure).toMatchObject({ code: 'REJECTED', message: 'Too loud.' })
  })

  test('that is blocked fails in the first round, with what the review said', async () => {
    const { failure, events } = await build({ input: { brief: 'briefs/doorbell.md' } })
    expect(failure).toMatchObject({
      code: 'DESIGN_BLOCKED',
      message: 'forbidden: - record who comes, which is forbidden',
    })
    expect(workDone(events)).toHaveLength(2)
  })
})

describe('a design that is never approved', () => {
  const input = { brief: 'briefs/contradiction.md', rounds: 2 }

  test('is shown to a person after its last round, with what is open', async () => {
    const { failure, events } = await build({ input, answers: [{ path: 'designed/goOn', choice: 'stop' }] })
    expect(eventsOf(events, 'task.asked')).toMatchObject([
      {
        title: 'The design has open findings after 2 rounds. Go on with it?',
        body: 'missing: - greet nobody, which is impossible',
      },
    ])
    expect(failure).toMatchObject({ code: 'DESIGN_STOPPED' })
  })

  test('may be gone on with all the same', async () => {
    const { output } = await build({ input, answers: [{ path: 'designed/goOn', choice: 'go on' }, release] })
    expect(output).toMatchObject({ files: ['out/run_1/src/greet-everybody.mjs'], rounds: { design: 2, plan: 1 } })
  })
})
