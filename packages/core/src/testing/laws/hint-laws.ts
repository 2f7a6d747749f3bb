import { expectEqual } from '../expectation.ts'
import type { Law } from '../law.ts'
import type { StorageUnderTest } from '../storage-under-test.ts'
import { create, send } from './law-run.ts'

/** Hints may drop, repeat and reorder: all that can be asked is that they name runs, and stop. */
export const hintLaws: readonly Law<StorageUnderTest>[] = [
  {
    name: 'hints name runs that had news, and nobody is called back after leaving',
    async holds(world) {
      const [stayed, left]: [string[], string[]] = [[], []]
      const leave = world.storage.subscribe?.((runId) => left.push(runId))
      const stop = world.storage.subscribe?.((runId) => stayed.push(runId))
      leave?.()
      await create(world.storage, 'run')
      await send(world.storage, 'run', 'a')
      await world.advance(1)
      stop?.()
      expectEqual(
        [...new Set(stayed)].filter((runId) => runId !== 'run'),
        [],
        'runs without news',
      )
      expectEqual(left, [], 'hints after leaving')
    },
  },
]
