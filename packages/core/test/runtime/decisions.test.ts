import type { Definition } from '@segno/schema/plan'
import { describe, expect, test } from 'vitest'
import { SegnoError } from '../../src/error.ts'
import type { RunHandle, Task } from '../../src/runtime/run-handle.ts'
import { settled } from '../../src/testing/virtual-clock.ts'
import { typesOf, world } from './world.ts'

const approval: Definition = {
  segno: 1,
  name: 'approval',
  steps: [
    { id: 'review', ask: { title: 'Publish?', choices: ['publish', 'discard'] }, timeout: '1h', onFailure: 'continue' },
    { id: 'rest', sleep: '1h' },
  ],
}

async function taskOf(run: RunHandle): Promise<Task> {
  const [task] = await run.tasks()
  if (task === undefined) throw new Error('nothing is asked')
  return task
}

describe('of two people who answer at the same time through two processes', () => {
  test('exactly one wins, and the other is told by whom and with what, as often as it asks', async () => {
    const here = world()
    await using engine = here.engine()
    await using second = here.engine()
    const run = await engine.start(approval)
    await settled()
    const task = await taskOf(run)
    const others = second.run(run.id)
    await Promise.all([
      run.answer(task, { choice: 'publish' }, { by: 'ada', id: 'a1' }),
      others.answer(task, { choice: 'discard' }, { by: 'bob', id: 'b1' }),
    ])
    const decided = await here.inTime(Promise.all([run.decision('a1'), others.decision('b1')]))

    const winner = decided.findIndex(({ outcome }) => outcome === 'counted')
    const [mine, choice] = winner === 0 ? ['ada', 'publish'] : ['bob', 'discard']
    expect(decided[1 - winner]).toEqual({
      outcome: 'ignored',
      because: {
        code: 'ANSWER_LATE',
        message: `"review" was answered before by ${mine}: ${choice}`,
        details: {
          path: 'review',
          id: winner === 0 ? 'a1' : 'b1',
          answer: { choice, by: mine, at: '2026-01-01T00:00:00.000Z' },
        },
      },
    })
    expect(await here.inTime(Promise.all([others.decision('a1'), run.decision('b1')]))).toEqual(decided)
    expect((await typesOf(here.storage, run)).filter((type) => type === 'task.answered')).toHaveLength(1)
  })
})

describe('a decision', () => {
  test('is the same for an answer that is sent twice', async () => {
    const here = world()
    await using engine = here.engine()
    const run = await engine.start(approval)
    await settled()
    const task = await taskOf(run)
    await run.answer(task, { choice: 'publish' }, { by: 'ada', id: 'a1' })
    expect(await here.inTime(run.decision('a1'))).toEqual({ outcome: 'counted' })
    expect(await run.answer(task, { choice: 'discard' }, { by: 'ada', id: 'a1' })).toBe('duplicate')
    expect(await here.inTime(run.decision('a1'))).toEqual({ outcome: 'counted' })
  })

  test('says why an answer does not count', async () => {
    const here = world()
    await using engine = here.engine()
    const run = await engine.start(approval)
    await settled()
    const task = await taskOf(run)
    await run.answer(task, { choice: 'burn' }, { id: 'a1' })
    await run.answer({ ...task, hash: '0'.repeat(64) }, { choice: 'publish' }, { id: 'a2' })
    const codes = ['a1', 'a2'].map(async (id) => {
      const decided = await here.inTime(run.decision(id))
      return decided.outcome === 'ignored' ? decided.because.code : decided.outcome
    })

    expect(await Promise.all(codes)).toEqual(['ANSWER_INVALID', 'TASK_CHANGED'])
  })

  test('about a task that nobody answered in time names nobody', async () => {
    const here = world()
    await using engine = here.engine()
    const run = await engine.start(approval)
    await settled()
    const task = await taskOf(run)
    await here.clock.advanceBy(3_600_000)
    await run.answer(task, { choice: 'publish' }, { id: 'a1' })

    expect(await here.inTime(run.decision('a1'))).toMatchObject({ because: { code: 'TASK_CLOSED' } })
  })

  test('is open for whoever stops waiting before the run has taken the answer in', async () => {
    const here = world()
    await using engine = here.engine()
    const run = await engine.start(approval)
    await settled()
    await run.pause()
    await settled()
    const waiting = new AbortController()
    const decision = run.decision('a1', { signal: waiting.signal })
    waiting.abort()

    expect(await decision).toEqual({ outcome: 'open' })
  })

  test('about an answer that came after the end is given at once, with who was first', async () => {
    const here = world()
    await using engine = here.engine()
    const run = await engine.start({ ...approval, steps: approval.steps.slice(0, 1) })
    await settled()
    const task = await taskOf(run)
    await run.answer(task, { choice: 'publish' }, { by: 'ada' })
    await here.inTime(run.result())
    const error: unknown = await run
      .answer(task, { choice: 'discard' }, { id: 'b1' })
      .catch((thrown: unknown) => thrown)

    expect(SegnoError.is(error, 'RUN_CLOSED')).toBe(true)
    expect(error).toMatchObject({ details: { because: { code: 'ANSWER_LATE' } } })
    expect(await run.decision('b1')).toMatchObject({ outcome: 'ignored', because: { code: 'RUN_CLOSED' } })
  })
})

describe('a signal', () => {
  const two: Definition = {
    segno: 1,
    name: 'two',
    output: { got: { type: 'number', value: '${{ steps.second.output }}' } },
    steps: [
      { id: 'first', waitFor: { signal: 'go' } },
      { id: 'second', waitFor: { signal: 'then', schema: { type: 'number' } } },
    ],
  }

  test('that comes before its wait, and twice, is taken once', async () => {
    const here = world()
    await using engine = here.engine()
    const run = await engine.start(two)
    expect(await run.signal('then', 7, { id: 's1' })).toBe('accepted')
    expect(await run.signal('then', 8, { id: 's1' })).toBe('duplicate')
    await run.signal('go')

    expect(await here.inTime(run.output())).toEqual({ got: 7 })
  })

  test('to a run that has ended is refused, and one that was taken stays a duplicate', async () => {
    const here = world()
    await using engine = here.engine()
    const run = await engine.start(two)
    await run.signal('then', 7, { id: 's1' })
    await run.signal('go')
    await here.inTime(run.result())

    expect(await run.signal('then', 7, { id: 's1' })).toBe('duplicate')
    await expect(run.signal('then', 7, { id: 's2' })).rejects.toMatchObject({ code: 'RUN_CLOSED' })
  })
})
