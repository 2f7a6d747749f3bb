import { Layer, ManagedRuntime } from 'effect'
import { WorkflowEngine } from 'effect/workflow'
import type { Opened, Place, Subject } from '../subject.ts'
import { execute, workflowsLayer } from './parts/effect-workflows.ts'
import { longRun } from './parts/long-run.ts'

/** Effect's workflows on the engine that keeps them in memory. */
export const subject: Subject = {
  name: 'effect workflow',
  packages: ['effect'],
  durability: 'none',
  settings: 'WorkflowEngine.layerMemory',
  leftOut: { W4: 'its engine in memory keeps nothing' },
  open,
}

async function open(place: Place): Promise<Opened> {
  const long = longRun()
  const runtime = ManagedRuntime.make(workflowsLayer(long).pipe(Layer.provideMerge(WorkflowEngine.layerMemory)))
  await runtime.context()
  return {
    sequence: () => runtime.runPromise(execute.sequence()),
    fan: (count) => runtime.runPromise(execute.fan(count)),
    async long(onStep) {
      long.begin(onStep)
      await runtime.runPromise(execute.long(place.longSteps))
    },
    close: () => runtime.dispose(),
  }
}
