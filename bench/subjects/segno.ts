import { createEngine, type Engine, type HandlerContext, type Storage } from '@segno/core'
import type { Definition } from '@segno/schema/plan'
import { payload, type Opened } from '../subject.ts'

/** The packages of ours that every subject of Segno uses. */
export const segnoPackages = ['@segno/core', '@segno/adapters', '@segno/schema']

const sequenceSteps = 10
const longRunId = 'long'

/** A storage that has to be closed. */
export type ClosableStorage = Storage & { close?(): Promise<void> }

/** Segno on a storage: an engine with its defaults. */
export function openSegno(storage: ClosableStorage, longSteps: number): Opened {
  let told: (index: number) => void = () => undefined
  const handlers = {
    trivial: async (): Promise<typeof payload> => payload,
    told: async ({ path }: HandlerContext): Promise<typeof payload> => {
      told(iterationOf(path))
      return payload
    },
  }
  const engine = createEngine({ storage, handlers })
  const sequence = sequenceOf(sequenceSteps)
  const fans = new Map<number, Definition>()
  return {
    sequence: () => run(engine, sequence),
    async fan(count) {
      const definition = fans.get(count) ?? fanOf(count)
      fans.set(count, definition)
      await run(engine, definition)
    },
    async long(onStep) {
      told = onStep
      await run(engine, loopOf(longSteps, 'told'), longRunId)
    },
    async recover(onStep) {
      told = onStep
      await engine.recover({ runIds: [longRunId] })
      await expectCompleted(engine, longRunId)
    },
    async close() {
      await engine.close()
      await storage.close?.()
    },
  }
}

/** `count` steps, one after another. */
export function sequenceOf(count: number): Definition {
  const steps = Array.from({ length: count }, (_, index) => ({ id: `s${index}`, uses: 'trivial' }))
  return { segno: 1, name: `sequence-${count}`, steps }
}

/** `count` steps at a time. */
export function fanOf(count: number): Definition {
  const parallel = Array.from({ length: count }, (_, index) => ({ id: `s${index}`, uses: 'trivial' }))
  return { segno: 1, name: `fan-${count}`, steps: [{ id: 'all', parallel }] }
}

/** One step, `count` times. */
export function loopOf(count: number, uses: string): Definition {
  const repeat = { max: count, while: true }
  return {
    ...{ segno: 1, name: `loop-${count}`, limits: { steps: count + 10 } },
    steps: [{ id: 'loop', repeat, do: [{ id: 'step', uses }], onExhausted: { output: null } }],
  }
}

/** The number of the pass that a step of `loopOf` stands in, from 0. */
export function iterationOf(path: string): number {
  return Number(path.slice(path.indexOf('[') + 1, path.indexOf(']')))
}

async function run(engine: Engine, definition: Definition, id?: string): Promise<void> {
  const started = await engine.start(definition, {}, id === undefined ? {} : { id })
  const result = await started.result()
  if (result.status !== 'completed') throw new Error(`the run ended ${result.status}: ${JSON.stringify(result)}`)
}

async function expectCompleted(engine: Engine, id: string): Promise<void> {
  const result = await engine.run(id).result()
  if (result.status !== 'completed') throw new Error(`the run ended ${result.status}: ${JSON.stringify(result)}`)
}
