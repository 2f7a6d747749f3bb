import type { EventPayloads } from '@segno/schema/plan'
import { expect, test } from 'vitest'
import { foldAll, workflow, World } from './world.ts'

const failure = { code: 'OOPS', message: 'no luck', retryable: false }
const because = { code: 'X' }
const settled = (payload: EventPayloads['run.settled']): unknown => {
  const { plan, journal } = new World(workflow([{ id: 'a', uses: 'h' }]))
  const last = { ...payload, seq: journal.length + 1, v: 1, at: 1, runId: 'run', type: 'run.settled' } as const
  return foldAll(plan, [...journal, last]).settled
}

test('a run settles as its status says, whatever else is told of it', () => {
  expect(settled({ status: 'cancelled', failure, because })).toEqual({ status: 'cancelled', because })
  expect(() => settled({ status: 'failed', because })).toThrow(/the run settles as failed, and does not say how$/)
})
