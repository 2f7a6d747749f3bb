import type { Definition } from '@segno/schema/plan'
import type { Storage } from '../../src/ports/storage.ts'
import { memoryStorage } from '../../src/runtime/memory-storage.ts'
import type { VirtualClock } from '../../src/testing/virtual-clock.ts'
import { oneStep } from './world.ts'

/** What an engine of a fleet can do. */
export const handlers = { work: (): number => 1 }

/** Creates a run for others. */
export const toOthers = { drive: false }

/** A workflow whose one step is given a secret. */
export const secretive: Definition = {
  ...oneStep({ with: { token: '${{ secrets.TOKEN }}' }, secrets: ['TOKEN'] }),
  secrets: ['TOKEN'],
}

export function nap(sleep: string): Definition {
  return { segno: 1, name: 'nap', steps: [{ id: 'nap', sleep }] }
}

export function memory(clock: VirtualClock): Storage {
  return memoryStorage({ now: () => clock.now() })
}

export async function statusOf({ storage }: { readonly storage: Storage }, runId: string): Promise<string | undefined> {
  return (await storage.row(runId))?.status
}
