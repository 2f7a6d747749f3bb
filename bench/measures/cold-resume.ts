import { createEngine } from '@segno/core'
import { payload } from '../subject.ts'
import type { Measure } from '../task.ts'
import { coldRunId } from './cold-run.ts'
import { storeNamed } from './stores.ts'

/** W4, cold: a process that has just begun opens the store, makes an engine and goes on with a run of very many events. */
export const measure: Measure = async ({ place, options }) => {
  const { promise: stepped, resolve: step } = Promise.withResolvers<number>()
  const told = async (): Promise<typeof payload> => {
    step(performance.now())
    return payload
  }
  const start = performance.now()
  const engine = createEngine({ storage: storeNamed(options['store'])(place), handlers: { told } })
  await engine.recover({ runIds: [coldRunId] })
  return { coldMs: (await stepped) - start }
}
