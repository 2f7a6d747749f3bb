import { PgClient } from '@effect/sql-pg'
import { Layer, ManagedRuntime, Redacted } from 'effect'
import { ClusterWorkflowEngine, SingleRunner } from 'effect/cluster'
import { Digest } from 'effect/crypto'
import type { Opened, Place, Subject } from '../subject.ts'
import { execute, workflowsLayer } from './parts/effect-workflows.ts'
import { longRun } from './parts/long-run.ts'

/** Effect's workflows on its cluster of one runner, which keeps messages and replies in PostgreSQL. */
export const subject: Subject = {
  name: 'effect cluster + postgres',
  packages: ['effect', '@effect/sql-pg'],
  durability: 'power loss',
  settings: 'PostgreSQL synchronous_commit=on, SingleRunner.layer with its defaults',
  open,
}

async function open(place: Place): Promise<Opened> {
  const long = longRun()
  const storage = Layer.mergeAll(PgClient.layer({ url: Redacted.make(place.postgresUrl) }), Digest.layerWebCrypto)
  const engine = ClusterWorkflowEngine.layer.pipe(Layer.provide(SingleRunner.layer()), Layer.provide(storage))
  const runtime = ManagedRuntime.make(workflowsLayer(long).pipe(Layer.provideMerge(engine)))
  await runtime.context()
  const runLong = () => runtime.runPromise(execute.long(place.longSteps))
  return {
    sequence: () => runtime.runPromise(execute.sequence()),
    fan: (count) => runtime.runPromise(execute.fan(count)),
    async long(onStep) {
      long.begin(onStep)
      await runLong()
    },
    async recover(onStep) {
      // The runner has taken up what the killed process left; to execute it again is to wait for its end.
      long.begin(onStep)
      await runLong()
    },
    close: () => runtime.dispose(),
  }
}
