// A host whose event loop is blocked by a handler: it tells when that begins, and how the run ends.
import { writeSync } from 'node:fs'
import { createEngine } from '@segno/core'
import { storageAt } from './stores.ts'
import type { BlockedHost } from './stores.ts'

const { place, leaseMs, hungAfterMs, blockMs, hasThread } = JSON.parse(process.argv[2] ?? '') as BlockedHost
const { keeper, ...plain } = storageAt(place)
const storage = hasThread && keeper !== undefined ? { ...plain, keeper } : plain
const heard: unknown[] = []
let lost: (value?: unknown) => void = () => undefined
const engine = createEngine({
  storage,
  limits: { leaseMs, hungAfterMs },
  handlers: {
    async block({ signal }) {
      signal.addEventListener('abort', () => {
        heard.push((signal.reason as { code: unknown }).code)
        lost()
      })
      // Long enough for the lease to be worth a thread.
      await new Promise((resolve) => {
        setTimeout(resolve, leaseMs)
      })
      writeSync(1, 'blocked\n')
      const until = performance.now() + blockMs
      while (performance.now() < until);
      // Until it has heard what became of its lease.
      await new Promise((resolve) => {
        setTimeout(resolve, leaseMs / 4)
      })
      return 'done'
    },
  },
})
const definition = { segno: 1, name: 'blocking', steps: [{ id: 'block', uses: 'block' }] } as const
const ended = new Promise((resolve) => {
  engine.on('run.completed', resolve)
  lost = resolve
})
const run = await engine.start(definition, {}, { id: 'run' })
await ended
writeSync(1, `${JSON.stringify({ status: await run.status(), heard })}\n`)
await engine.close()
await plain.close()
