import { expect, test } from 'vitest'
import type { Storage } from '../../src/ports/storage.ts'
import { memoryStorage } from '../../src/runtime/memory-storage.ts'
import { engineProcess } from '../../src/testing/engine-process.ts'
import { settled } from '../../src/testing/virtual-clock.ts'
import type { VirtualClock } from '../../src/testing/virtual-clock.ts'
import { deaf, oneStep, world } from './world.ts'

/** Leases of 30 s have run out, and whoever looks has looked. */
const leaseOverMs = 31_000

/** A storage that notes what is read of runs. */
function noted(clock: VirtualClock, read: string[]): Storage {
  const inner = memoryStorage({ now: () => clock.now() })
  return {
    ...inner,
    row: (runId) => (read.push('row'), inner.row(runId)),
    read: (runId, from) => (read.push('read'), inner.read(runId, from)),
  }
}

test('the engine that drives a run tells its result without asking the store', async () => {
  const read: string[] = []
  const here = world((clock) => noted(clock, read))
  const work = Promise.withResolvers<number>()
  await using engine = here.engine({ handlers: { work: () => work.promise } })
  const run = await engine.start({ ...oneStep(), output: { is: { value: '${{ steps.work.output }}' } } })
  const result = run.result()
  work.resolve(1)
  expect(await here.inTime(result)).toEqual({ status: 'completed', output: { is: 1 } })
  expect(read).toEqual([])
  expect(await run.result()).toEqual({ status: 'completed', output: { is: 1 } })
  expect(read).toEqual(['row', 'read'])
})

test('what is told as the result of a run is each time another copy', async () => {
  const here = world()
  const work = Promise.withResolvers<{ deep: number[] }>()
  await using engine = here.engine({ handlers: { work: () => work.promise } })
  const run = await engine.start({ ...oneStep(), output: { is: { value: '${{ steps.work.output }}' } } })
  const outputs = Promise.all([run.output(), run.output()])
  work.resolve({ deep: [1] })
  const [one, other] = await here.inTime(outputs)
  expect(one).toEqual({ is: { deep: [1] } })
  expect(one['is']).not.toBe(other['is'])
  expect((await run.output())['is']).not.toBe(one['is'])
})

test('a run that has ended elsewhere has its result once its engine sees that it has lost it', async () => {
  // Its hints are all lost, and it says that it would tell of everything.
  const here = world((clock) => ({ ...memoryStorage({ now: () => clock.now() }), subscribe: () => () => undefined }))
  const process = engineProcess({ storage: here.storage, clock: here.clock })
  const stale = here.engine({ storage: process.storage, clock: process.clock, handlers: { work: deaf() } })
  const run = await stale.start(oneStep())
  await settled()
  process.pause()
  await here.clock.advanceBy(leaseOverMs)
  await using fresh = here.engine({ handlers: { work: () => 1 } })
  await fresh.recover()
  expect((await here.inTime(fresh.run(run.id).result())).status).toBe('completed')
  let told = ''
  void run.result().then(({ status }) => (told = status))
  process.goOn()
  await here.clock.advanceBy(11_000)
  await settled()
  expect(told).toBe('completed')
  await here.inTime(stale.close())
})
