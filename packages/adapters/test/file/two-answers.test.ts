import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createEngine } from '@segno/core'
import type { Definition } from '@segno/schema'
import { afterAll, expect, test } from 'vitest'
import { fileStorage } from '../../src/file/index.ts'

const approval: Definition = {
  segno: 1,
  name: 'approval',
  steps: [
    { id: 'review', ask: { title: 'Publish?', choices: ['publish', 'discard'] } },
    { id: 'told', waitFor: { signal: 'told' } },
    { id: 'answer', emit: { reply: 'told', data: '${{ has(steps.review.output.by) ? steps.review.output.by : "" }}' } },
  ],
}

const folder = await mkdtemp(join(tmpdir(), 'segno-answers-'))
afterAll(() => rm(folder, { recursive: true }))

test('of two people who answer through two engines on one folder, one wins, and the run replies with who it was', async () => {
  await using engine = createEngine({ storage: fileStorage({ dir: folder }) })
  await using other = createEngine({ storage: fileStorage({ dir: folder }) })
  const run = await engine.start(approval)
  for await (const { type } of run.events()) if (type === 'task.asked') break
  const [task] = await run.tasks()
  if (task === undefined) throw new Error('nothing is asked')
  const others = other.run(run.id)
  await Promise.all([
    run.answer(task, { choice: 'publish' }, { by: 'ada', id: 'a1' }),
    others.answer(task, { choice: 'discard' }, { by: 'bob', id: 'b1' }),
  ])
  const decided = await Promise.all([run.decision('a1'), others.decision('b1')])

  const winner = decided.findIndex(({ outcome }) => outcome === 'counted')
  const [by, id] = winner === 0 ? ['ada', 'a1'] : ['bob', 'b1']
  expect(decided[1 - winner]).toMatchObject({
    outcome: 'ignored',
    because: { code: 'ANSWER_LATE', details: { id, answer: { by } } },
  })
  expect(await others.request('told')).toBe(by)
})
