import { createEngine } from '@segno/core'
import { payload } from '../subject.ts'
import { loopOf } from '../subjects/segno.ts'
import type { Measure } from '../task.ts'
import { coldRunId } from './cold-run.ts'
import { relayInto } from './relay.ts'
import { storeNamed } from './stores.ts'

/** Leaves a run of very many events in a store, as a process leaves it that gave it up in the middle of a step. */
export const measure: Measure = async ({ place, sizes: { coldEvents }, options }) => {
  const store = storeNamed(options['store'])(place)
  const relay = relayInto(store)
  const { promise: stopped, resolve: stop } = Promise.withResolvers<undefined>()
  const told = async (): Promise<typeof payload> => {
    if (relay.head() < coldEvents) return payload
    stop(undefined)
    // The step is at work when its process is gone.
    return new Promise(() => undefined)
  }
  // A pass has more events than one, so that there are always passes left.
  const engine = createEngine({ storage: relay.storage, handlers: { told } })
  await engine.start(loopOf(coldEvents, 'told'), {}, { id: coldRunId })
  await stopped
  // What the engine still writes of this turn is there before the rest is written on.
  await new Promise((resolve) => setImmediate(resolve))
  await relay.end()
  await store.close?.()
  return { events: relay.head() }
}
