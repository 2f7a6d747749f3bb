import { fileStorage } from '@segno/adapters/file'
import { createEngine } from '@segno/core'
import { loop, payload } from './workload.ts'

/** Starts one long run and says each step as it is begun: whoever reads that kills this process in the middle. */
const [, , folder = '', count = '1000'] = process.argv
const engine = createEngine({
  storage: fileStorage({ dir: folder }),
  handlers: {
    trivial: ({ path }) => {
      console.log(path)
      return payload
    },
  },
})
await (await engine.start(loop(Number(count)), {}, { id: 'resumed' })).result()
