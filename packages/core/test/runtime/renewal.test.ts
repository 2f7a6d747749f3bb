import { expect, test } from 'vitest'
import type { Storage } from '../../src/ports/storage.ts'
import { memoryStorage } from '../../src/runtime/memory-storage.ts'
import { settled } from '../../src/testing/virtual-clock.ts'
import { oneStep, world } from './world.ts'

/** Leases of 30 s are renewed by then. */
const beatMs = 10_001

/** A storage whose answer to an append that gives the lease back comes when it is asked for. */
function late(inner: Storage, answer: Promise<void>): Storage {
  return {
    ...inner,
    async append(request) {
      const outcome = await inner.append(request)
      if (request.status !== 'running' || request.park !== undefined) await answer
      return outcome
    },
  }
}

test('a run whose end is written is not lost by a renewal that is answered first', async () => {
  const answer = Promise.withResolvers<void>()
  const here = world((clock) => late(memoryStorage({ now: () => clock.now() }), answer.promise))
  await using engine = here.engine({ handlers: { work: () => 1 } })
  const told: string[] = []
  engine.on('run.completed', ({ runId }) => told.push(runId))
  const run = await engine.start(oneStep())
  await settled()
  await here.clock.advanceBy(beatMs)
  answer.resolve()
  await settled()
  expect(told).toEqual([run.id])
  expect((await here.inTime(run.result())).status).toBe('completed')
})

test('a run that rests is woken in its time where a renewal is answered before it is known to rest', async () => {
  const answer = Promise.withResolvers<void>()
  const here = world((clock) => late(memoryStorage({ now: () => clock.now() }), answer.promise))
  await using engine = here.engine()
  const run = await engine.start({ segno: 1, name: 'nap', steps: [{ id: 'nap', sleep: '15s' }] })
  await settled()
  await here.clock.advanceBy(beatMs)
  answer.resolve()
  await settled()
  // The late answer says when it was given: the time of the store is taken for as late.
  await here.clock.advanceBy(15_001)
  await settled()
  expect((await here.storage.row(run.id))?.status).toBe('completed')
})

test('a run that a renewal does not find is somebody else’s', async () => {
  const here = world((clock) => {
    const inner = memoryStorage({ now: () => clock.now() })
    return { ...inner, renew: async (options) => ({ ...(await inner.renew(options)), renewed: [] }) }
  })
  let aborted: unknown
  const stuck = here.engine({
    handlers: {
      work: ({ signal }) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => {
            aborted = signal.reason
            resolve(0)
          })
        }),
    },
  })
  await stuck.start(oneStep())
  await settled()
  await here.clock.advanceBy(beatMs)
  expect(aborted).toMatchObject({ code: 'LEASE_LOST' })
  await here.inTime(stuck.close())
})
