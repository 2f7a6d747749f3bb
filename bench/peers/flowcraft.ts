import { createFlow, FlowRuntime } from 'flowcraft'
import { payload } from '../subject.ts'
import type { Opened, Place, Subject } from '../subject.ts'

const sequenceSteps = 10

/** flowcraft in memory: blueprints, built once, on one runtime. */
export const subject: Subject = {
  name: 'flowcraft',
  packages: ['flowcraft'],
  durability: 'none',
  settings:
    'sequence and long: a chain of nodes; fan: a batch; concurrency as wide as the run (its default is the number of cores)',
  leftOut: { W4: 'in memory: nothing is kept after a step that a killed run could be taken up from' },
  open,
}

async function open(place: Place): Promise<Opened> {
  const runtime = new FlowRuntime()
  const sequence = chain('sequence', sequenceSteps, step)
  const sequenceBlueprint = sequence.toBlueprint()
  const sequenceOptions = { functionRegistry: sequence.getFunctionRegistry() }

  return {
    async sequence() {
      ended(await runtime.run(sequenceBlueprint, {}, sequenceOptions))
    },
    async fan(count) {
      const items = Array.from({ length: count }, (_, index) => index)
      const fan = createFlow<{ items: number[] }>('fan').batch('each', step, {
        inputKey: 'items',
        outputKey: 'results',
      })
      const options = { functionRegistry: fan.getFunctionRegistry(), concurrency: count }
      ended(await runtime.run(fan.toBlueprint(), { items }, options))
    },
    async long(onStep) {
      let index = 0
      const long = chain('long', place.longSteps, async () => {
        onStep(index++)
        return step()
      })
      ended(await long.run(runtime))
    },
    async close() {},
  }
}

async function step(): Promise<{ output: typeof payload }> {
  return { output: payload }
}

function chain(id: string, length: number, run: typeof step): ReturnType<typeof createFlow> {
  const flow = createFlow(id)
  for (let index = 0; index < length; index++) {
    flow.node(`step-${index}`, run)
    if (index > 0) flow.edge(`step-${index - 1}`, `step-${index}`)
  }
  return flow
}

function ended(result: { readonly status: string }): void {
  if (result.status !== 'completed') throw new Error(`The run ended ${result.status}`)
}
