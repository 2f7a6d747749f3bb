import { createEngine, type RunHandle, type Task } from '@segno/core'
import { afterAll, describe, expect, test } from 'vitest'
import { fateOf, ignoredError } from './answer-fate.ts'
import { exitCodes } from './exit-code.ts'

const ask = (id: string) => ({ id, ask: { title: 'Go on?', choices: ['yes', 'no'] } }) as const

const engine = createEngine()
afterAll(() => engine.close())

/** A run that asks two questions, and one of them. */
async function asking(): Promise<{ readonly run: RunHandle; readonly task: Task }> {
  const run = await engine.start({
    segno: 1,
    name: 'ask',
    steps: [{ id: 'both', parallel: [ask('one'), ask('other')] }],
  })
  for await (const event of run.events()) if (event.type === 'task.asked' && event.path === 'both/one') break
  const task = (await run.tasks()).find(({ path }) => path === 'both/one')
  if (task === undefined) throw new Error('nothing is asked')
  return { run, task }
}

describe('what became of an answer', () => {
  test('is that it counts, where it is the first', async () => {
    const { run, task } = await asking()
    await run.answer(task, { choice: 'yes' }, { id: 'a' })
    expect(await fateOf(run, 'a', { from: 1, wait: true })).toEqual({ outcome: 'answered' })
  })

  test('is why not, where it came second', async () => {
    const { run, task } = await asking()
    await run.answer(task, { choice: 'yes' }, { id: 'a' })
    await run.answer(task, { choice: 'no' }, { id: 'b' })
    const fate = await fateOf(run, 'b', { from: 1, wait: true })
    expect(fate).toMatchObject({ outcome: 'ignored', because: { code: 'ANSWER_LATE' } })
    if (fate.outcome !== 'ignored') return
    const error = ignoredError('both/one', fate.because)
    expect(error.exitCode).toBe(exitCodes.conflict)
    expect(error.complaints).toMatchObject([
      { code: 'ANSWER_LATE', message: expect.stringContaining('answered before by somebody else: yes') as string },
    ])
  })

  test('is why not, where something else is asked by now', async () => {
    const { run, task } = await asking()
    await run.answer({ ...task, hash: '0'.repeat(64) }, { choice: 'yes' }, { id: 'a' })
    expect(await fateOf(run, 'a', { from: 1, wait: true })).toMatchObject({
      outcome: 'ignored',
      because: { code: 'TASK_CHANGED' },
    })
  })
})
