import { createEngine, memoryStorage } from '@segno/core'
import type { Engine, Storage } from '@segno/core'
import type { Definition } from '@segno/schema'

/** About 100 bytes of JSON: what each trivial step returns. */
export const payload = {
  id: 42,
  name: 'a trivial step',
  ok: true,
  tags: ['one', 'two'],
  note: 'about a hundred bytes of it',
}

const handlers = { trivial: async (): Promise<typeof payload> => payload }

/** `count` steps, one after another. */
export function chain(count: number): Definition {
  const steps = Array.from({ length: count }, (_, index) => ({ id: `s${index}`, uses: 'trivial' }))
  return { segno: 1, name: `chain-${count}`, steps }
}

/** `count` steps at a time. */
export function fan(count: number): Definition {
  const parallel = Array.from({ length: count }, (_, index) => ({ id: `s${index}`, uses: 'trivial' }))
  return { segno: 1, name: `fan-${count}`, steps: [{ id: 'all', parallel }] }
}

/** One step, `count` times. */
export function loop(count: number): Definition {
  const repeat = { max: count, while: true }
  return {
    segno: 1,
    name: `loop-${count}`,
    limits: { steps: count + 10 },
    steps: [{ id: 'loop', repeat, do: [{ id: 'step', uses: 'trivial' }], onExhausted: { output: null } }],
  }
}

/** An engine with the trivial handler. */
export function benchEngine(storage: Storage = memoryStorage()): Engine {
  return createEngine({ storage, handlers })
}

/** The same work without any engine. */
export async function bareChain(count: number): Promise<void> {
  for (let index = 0; index < count; index++) await handlers.trivial()
}

/** The same fan-out without any engine. */
export async function bareFan(count: number): Promise<void> {
  await Promise.all(Array.from({ length: count }, () => handlers.trivial()))
}
