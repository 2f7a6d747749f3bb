import type { Definition } from '@segno/schema/plan'
import { describe, expect, test } from 'vitest'
import { settled } from '../../src/testing/virtual-clock.ts'
import { journalOf, world } from './world.ts'

const approval: Definition = {
  segno: 1,
  name: 'approval',
  input: { file: { type: 'string' } },
  output: { answer: { type: 'object', value: '${{ steps.review.output }}' } },
  steps: [
    {
      id: 'review',
      ask: {
        title: 'Publish ${{ input.file }}?',
        choices: ['publish', 'discard'],
        assignees: ['ada'],
        subject: { file: '${{ input.file }}' },
      },
      timeout: '2d',
    },
  ],
}

const file = 'report.md'

describe('what a person is asked', () => {
  test('is shown as it stands, until it is answered', async () => {
    const here = world()
    await using engine = here.engine()
    const run = await engine.start(approval, { file })
    await settled()
    const [task, ...others] = await run.tasks()

    expect(others).toEqual([])
    expect(task).toEqual({
      path: 'review',
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      title: 'Publish report.md?',
      choices: ['publish', 'discard'],
      assignees: ['ada'],
      subject: { file },
      askedAt: here.clock.now(),
      deadline: here.clock.now() + 2 * 86_400_000,
    })
    if (task === undefined) return
    await run.answer(task, { choice: 'publish', comment: 'well done' }, { by: 'ada' })
    const answer = { choice: 'publish', comment: 'well done', by: 'ada', at: new Date(here.clock.now()).toISOString() }
    expect(await here.inTime(run.output())).toEqual({ answer })
    expect(await run.tasks()).toEqual([])
  })

  test('is answered once: the first answer to exactly what was shown counts, and the others are recorded', async () => {
    const here = world()
    await using engine = here.engine()
    const run = await engine.start(approval, { file })
    await settled()
    const [task] = await run.tasks()
    if (task === undefined) throw new Error('nothing is asked')
    await run.answer({ ...task, hash: '0'.repeat(64) }, { choice: 'publish' }, { id: 'stale' })
    await run.answer(task, { choice: 'burn' }, { id: 'unknown' })
    await run.answer(task, { choice: 'discard' }, { id: 'first', by: 'ada' })
    await run.answer({ ...task, path: 'nowhere' }, { choice: 'publish' }, { id: 'misdirected' }).catch(() => undefined)
    expect(await here.inTime(run.output())).toMatchObject({ answer: { choice: 'discard', by: 'ada' } })

    const reasons = (await journalOf(here.storage, run.id)).flatMap((event) =>
      event.type === 'signal.ignored' ? [[event.id, event.because.code]] : [],
    )
    expect(reasons.slice(0, 2)).toEqual([
      ['stale', 'TASK_CHANGED'],
      ['unknown', 'ANSWER_INVALID'],
    ])
  })

  test('sent again with its id changes nothing', async () => {
    const here = world()
    await using engine = here.engine()
    const run = await engine.start(approval, { file })
    await settled()
    const [task] = await run.tasks()
    if (task === undefined) throw new Error('nothing is asked')
    expect(await run.answer(task, { choice: 'publish' }, { id: 'a1' })).toBe('accepted')
    expect(await run.answer(task, { choice: 'discard' }, { id: 'a1' })).toBe('duplicate')
    expect(await here.inTime(run.output())).toMatchObject({ answer: { choice: 'publish' } })
  })
})

describe('a run that rests while its process is started anew', () => {
  test('goes on once it is answered through an engine that has recovered', async () => {
    for (const runIds of [undefined, ['approval']]) {
      const here = world()
      const before = here.engine()
      await before.start(approval, { file }, { id: 'approval' })
      await here.clock.advanceBy(5000)
      await before.close()

      await using engine = here.engine()
      expect(await engine.recover(runIds === undefined ? {} : { runIds })).toEqual([])
      const run = engine.run('approval')
      const [task] = await run.tasks()
      if (task === undefined) throw new Error('nothing is asked')
      await run.answer(task, { choice: 'publish' })

      expect(await here.inTime(run.output())).toMatchObject({ answer: { choice: 'publish' } })
    }
  })
})
