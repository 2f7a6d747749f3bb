// A host that works for a store, and that one of its handlers ends.
import { createEngine } from '@segno/core'
import { storageAt } from '../keeper/stores.ts'
import type { StorePlace } from '../keeper/stores.ts'

const { how, ...place } = JSON.parse(process.argv[2] ?? '') as StorePlace & { readonly how: 'exit' | 'kill' }
const engine = createEngine({
  storage: storageAt(place),
  handlers: {
    fine: () => 1,
    async poison() {
      // Runs that were taken with this one get their turn.
      await new Promise((resolve) => {
        setTimeout(resolve, 100)
      })
      if (how === 'exit') process.exit(1)
      process.kill(process.pid, 'SIGKILL')
    },
  },
})
engine.work({ concurrency: 2 })
