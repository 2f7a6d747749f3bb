import { StorageFault } from '../ports/storage-fault.ts'
import type { Storage } from '../ports/storage.ts'
import type { Random } from './random.ts'
import type { SimulatedFault } from './simulator-swarm.ts'

/** A storage that does not find a plan now and then; an older process cannot read what others have written. */
export function forgetful(
  storage: Storage,
  {
    random,
    strikes,
    isHealed,
  }: {
    readonly random: Random
    readonly strikes: (kind: SimulatedFault, random: Random) => boolean
    readonly isHealed: () => boolean
  },
): Storage {
  const draw = random.stream('plans')
  const isOld = strikes('skewedWorker', random.stream('version'))
  return {
    ...storage,
    getPlan: async (hash) => (strikes('lostPlan', draw) ? undefined : storage.getPlan(hash)),
    load: async (runId) => {
      if (isOld && !isHealed()) throw new StorageFault('JOURNAL_FORMAT', 'Injected: too new.', { ambiguous: false })
      return storage.load(runId)
    },
  }
}

/** A storage that tells nobody of news. */
export function deaf(storage: Storage): Storage {
  const { subscribe: _subscribe, ...rest } = storage
  return rest
}
