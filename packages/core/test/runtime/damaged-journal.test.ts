import { describe, expect, test } from 'vitest'
import { StorageFault } from '../../src/ports/storage-fault.ts'
import type { Storage } from '../../src/ports/storage.ts'
import { engineProcess } from '../../src/testing/engine-process.ts'
import { settled } from '../../src/testing/virtual-clock.ts'
import { deaf, oneStep, world } from './world.ts'

/** Leases of 30 s have run out, and whoever looks has looked. */
const leaseOverMs = 31_000

describe('a run whose journal is damaged', () => {
  test('is let go of, the logger is told where, and other runs go on', async () => {
    const here = world()
    const { storage: kept, clock } = here
    const process = engineProcess({ storage: kept, clock })
    const first = here.engine({ storage: process.storage, clock: process.clock, handlers: { work: deaf() } })
    const [broken, whole] = [await first.start(oneStep()), await first.start(oneStep())]
    await settled()
    process.kill()
    await here.clock.advanceBy(leaseOverMs)
    const damage = new StorageFault('JOURNAL_DAMAGED', 'journal/000001.jsonl:2: crc', { ambiguous: false })
    let loads = 0
    const storage: Storage = {
      ...here.storage,
      load: async (runId) => {
        if (runId !== broken.id) return here.storage.load(runId)
        loads += 1
        throw damage
      },
    }
    await using second = here.engine({ storage, handlers: { work: () => 1 } })
    await second.recover()
    expect((await here.inTime(second.run(whole.id).result())).status).toBe('completed')
    expect(loads).toBe(1)
    expect(here.logged.join('\n')).toContain('JOURNAL_DAMAGED: journal/000001.jsonl:2: crc')
  })
})
