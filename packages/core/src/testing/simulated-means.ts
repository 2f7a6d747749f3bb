import type { Clock } from '../ports/clock.ts'
import type { HandlerContext } from '../runtime/handler.ts'
import type { Random } from './random.ts'
import { bookStatement } from './simulated-transactions.ts'
import type { SimulatedWorkflow } from './simulated-seed.ts'
import type { JudgedWorld, TestHandlers, WorkMeans } from './work-under-test.ts'

/** How late a result may come. */
const lateMaxMs = 1000

/**
 * What a process of a simulated world works with: it says whom it calls, and some results come late. Each attempt of a
 * `tx` step books that it begins and that it ends.
 */
export function simulatedMeans(
  workflows: readonly SimulatedWorkflow[],
  world: JudgedWorld,
  {
    called,
    strikes,
    random,
    clock,
  }: {
    readonly called: (context: HandlerContext) => void
    readonly strikes: (kind: 'lateResult') => boolean
    readonly random: Random
    readonly clock: Clock
  },
): WorkMeans & { readonly handlers: TestHandlers } {
  let means: WorkMeans = {}
  const all: Record<string, TestHandlers[string]> = {}
  for (const workflow of workflows) {
    means = workflow.meansIn(world)
    for (const [name, handler] of Object.entries(means.handlers ?? {})) {
      const definition = typeof handler === 'function' ? { perform: handler } : handler
      const perform = (context: HandlerContext, input: never): unknown => {
        called(context)
        const doing = (): unknown => definition.perform(context, input)
        const given = context.sql === undefined ? doing() : booked(context, doing)
        return strikes('lateResult') ? late(given, clock, random.integer(lateMaxMs)) : given
      }
      all[name] = Object.create(definition, { perform: { value: perform, enumerable: true } }) as TestHandlers[string]
    }
  }
  return { ...means, handlers: all }
}

async function booked({ sql, runId, path }: HandlerContext, doing: () => unknown): Promise<unknown> {
  await sql?.query(bookStatement, [runId, path, 'begun'])
  const given = await doing()
  await sql?.query(bookStatement, [runId, path, 'ended'])
  return given
}

async function late(given: unknown, clock: Clock, ms: number): Promise<unknown> {
  try {
    return await given
  } finally {
    await new Promise<void>((resolve) => clock.schedule(ms, resolve))
  }
}
