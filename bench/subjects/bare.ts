import { payload, type Subject } from '../subject.ts'

/** The same steps without an engine: async functions that are awaited. */
export const subject: Subject = {
  name: 'bare async functions',
  packages: [],
  durability: 'none',
  settings: 'await, and Promise.all',
  leftOut: { W4: 'nothing is kept' },
  open: async ({ longSteps }) => ({
    async sequence() {
      for (let index = 0; index < 10; index++) await step()
    },
    async fan(count) {
      await Promise.all(Array.from({ length: count }, step))
    },
    async long(onStep) {
      for (let index = 0; index < longSteps; index++) {
        onStep(index)
        await step()
      }
    },
    close: async () => undefined,
  }),
}

async function step(): Promise<typeof payload> {
  return payload
}
