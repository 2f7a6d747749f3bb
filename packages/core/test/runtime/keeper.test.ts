import { describe, expect, test } from 'vitest'
import type { LeaseKeeper, LeaseName, Storage } from '../../src/ports/storage.ts'
import { engineProcess } from '../../src/testing/engine-process.ts'
import { settled } from '../../src/testing/virtual-clock.ts'
import { oneStep, deaf, world } from './world.ts'
import type { World } from './world.ts'

interface Kept {
  readonly storage: Pick<Storage, 'keeper'>
  readonly keepers: { readonly hungAfterMs: number; leases: readonly LeaseName[]; isClosed: boolean }[]
}

/** A keeper that renews in the time of the world, as a thread does in that of its host, whatever the engine's process does. */
function keeping({ storage, clock }: World): Kept {
  const keepers: Kept['keepers'] = []
  const keeper = ({ ttlMs, hungAfterMs }: { readonly ttlMs: number; readonly hungAfterMs: number }): LeaseKeeper => {
    const kept: Kept['keepers'][number] = { hungAfterMs, leases: [], isClosed: false }
    keepers.push(kept)
    let aliveAt = clock.monotonic()
    const beat = (): void => {
      if (kept.isClosed) return
      clock.schedule(ttlMs / 3, beat)
      if (clock.monotonic() - aliveAt <= hungAfterMs) void storage.renew({ leases: kept.leases, ttlMs })
    }
    beat()
    return {
      keep(leases) {
        aliveAt = clock.monotonic()
        kept.leases = leases
      },
      async close() {
        kept.isClosed = true
      },
    }
  }
  return { storage: { keeper }, keepers }
}

/** An engine whose process can be blocked, with a run at work in it. */
async function blockable(here: World, kept: Kept | undefined, hungAfterMs = 300_000) {
  const heard: unknown[] = []
  const process = engineProcess(here)
  const engine = here.engine({
    storage: { ...process.storage, ...kept?.storage },
    clock: process.clock,
    handlers: { work: deaf(heard) },
    limits: { hungAfterMs },
  })
  const run = await engine.start(oneStep())
  await settled()
  await here.clock.advanceBy(11_000)
  return { process, engine, run, heard }
}

describe('an engine whose event loop is blocked', () => {
  test('keeps its runs where a thread renews their leases, and asks before it believes anything', async () => {
    const here = world()
    const { process, heard } = await blockable(here, keeping(here))
    process.pause()
    await here.clock.advanceBy(120_000)
    await using other = here.engine({ handlers: { work: () => 1 } })
    expect(await other.recover()).toEqual([])
    process.goOn()
    await here.clock.advanceBy(30_000)
    expect(heard).toEqual([])
    expect(await other.recover()).toEqual([])
  })

  test('keeps them also where it was blocked while it asked for them, and hears its own timers before the answer', async () => {
    const here = world()
    const kept = keeping(here)
    const heard: unknown[] = []
    const process = engineProcess(here)
    let blocks = false
    const renew: Storage['renew'] = (held) => {
      if (blocks) process.pause()
      return process.storage.renew(held)
    }
    const storage = { ...process.storage, ...kept.storage, renew }
    const engine = here.engine({ storage, clock: process.clock, handlers: { work: deaf(heard) } })
    await engine.start(oneStep())
    await here.clock.advanceBy(11_000)
    blocks = true
    await here.clock.advanceBy(120_000)
    blocks = false
    process.goOn()
    await here.clock.advanceBy(30_000)
    expect(heard).toEqual([])
  })

  test('loses them without one', async () => {
    const here = world()
    const { process, run, heard } = await blockable(here, undefined)
    process.pause()
    await here.clock.advanceBy(120_000)
    await using other = here.engine({ handlers: { work: () => 1 } })
    expect(await other.recover()).toEqual([run.id])
    process.goOn()
    await settled()
    expect(heard).toEqual(['LEASE_LOST'])
  })

  test('is taken for hung after a while, and hears that its runs are lost', async () => {
    const here = world()
    const { process, run, heard } = await blockable(here, keeping(here), 60_000)
    process.pause()
    await here.clock.advanceBy(60_000 + 45_000)
    await using other = here.engine({ handlers: { work: () => 1 } })
    expect(await other.recover()).toEqual([run.id])
    process.goOn()
    await here.clock.advanceBy(10_000)
    expect(heard).toEqual(['LEASE_LOST'])
  })

  test('takes its runs for lost where the store does not answer afterwards', async () => {
    let isSilent = false
    const here = world()
    const kept = keeping(here)
    const heard: unknown[] = []
    const process = engineProcess(here)
    const renew: Storage['renew'] = (held) => (isSilent ? new Promise(() => undefined) : process.storage.renew(held))
    const storage = { ...process.storage, ...kept.storage, renew }
    const engine = here.engine({ storage, clock: process.clock, handlers: { work: deaf(heard) } })
    await engine.start(oneStep())
    await here.clock.advanceBy(11_000)
    isSilent = true
    await here.clock.advanceBy(60_000)
    expect(heard).toEqual(['LEASE_LOST'])
  })

  test('that only slept has lost all of them', async () => {
    const here = world()
    let slept = 0
    const kept = keeping(here)
    const heard: unknown[] = []
    const clock = { ...here.clock, now: () => here.clock.now() + slept }
    const storage = { ...here.storage, ...kept.storage }
    await using engine = here.engine({ storage, clock, handlers: { work: deaf(heard) } })
    await engine.start(oneStep())
    await here.clock.advanceBy(11_000)
    slept = 3_600_000
    await here.clock.advanceBy(10_001)
    expect(heard).toEqual(['LEASE_LOST'])
  })
})

describe('a thread for leases', () => {
  test('is not started for runs that are short, however many', async () => {
    const here = world()
    const kept = keeping(here)
    await using engine = here.engine({ storage: { ...here.storage, ...kept.storage }, handlers: { work: () => 1 } })
    for (let index = 0; index < 50; index += 1) {
      await here.resultOf(engine, oneStep())
      await here.clock.advanceBy(1000)
    }
    expect(kept.keepers).toEqual([])
  })

  test('is started once, knows the leases of now, and ends with the engine', async () => {
    const here = world()
    const kept = keeping(here)
    const storage = { ...here.storage, ...kept.storage }
    const ends: (() => void)[] = []
    const handlers = { work: () => new Promise<void>((resolve) => ends.push(resolve)) }
    const engine = here.engine({ storage, handlers, limits: { hungAfterMs: 1234 } })
    engine.work()
    const [one, two] = [await engine.start(oneStep()), await engine.start(oneStep())]
    await settled()
    const held = (): string[] => kept.keepers.flatMap(({ leases }) => leases.map(({ runId }) => runId)).toSorted()
    expect(held()).toEqual([one.id, two.id].toSorted())
    ends[0]?.()
    await settled()
    expect(held()).toEqual([two.id])
    expect(kept.keepers).toMatchObject([{ hungAfterMs: 1234, isClosed: false }])
    ends[1]?.()
    await engine.close()
    expect(kept.keepers).toMatchObject([{ leases: [], isClosed: true }])
  })
})
