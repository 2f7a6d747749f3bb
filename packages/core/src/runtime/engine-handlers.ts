import type { HandlerPin } from '@segno/schema/plan'
import type { HandlerFace } from '@segno/schema/load'
import type { TypedWorkflow } from '../builder/typed-workflow.ts'
import type { Plan } from '../kernel/plan.ts'
import { handlerContracts } from './handler-contract.ts'
import { handlerTable } from './handler-table.ts'
import type { HandlerOptions, HandlerTable } from './handler-table.ts'
import type { HandlerDefinition } from './handler.ts'
import { pinsOf } from './run-beginning.ts'

type Pins = Readonly<Record<string, HandlerPin>>

/** The handlers of an engine: those that it was made with, and those that workflows bring later. */
export class EngineHandlers {
  #options: HandlerOptions
  readonly #table: HandlerTable
  /** The same for all runs of a plan. */
  #pinsOf = new WeakMap<Plan, Pins>()

  constructor({ handlers = {}, plugins = [], workflows = [] }: HandlerOptions) {
    this.#options = { handlers, plugins, workflows: [...workflows] }
    this.#table = handlerTable(this.#options)
  }

  get byName(): ReadonlyMap<string, HandlerDefinition<never, unknown>> {
    return this.#table.handlers
  }

  /** What a run of a plan records of them. */
  pinsOf(plan: Plan): Pins {
    let pins = this.#pinsOf.get(plan)
    if (pins === undefined) {
      pins = pinsOf(plan, this.#table.pins)
      this.#pinsOf.set(plan, pins)
    }
    return pins
  }

  /** Adds those of a workflow that was built in TypeScript; false where it has brought them before. Throws `HANDLER_CONFLICT`, and adds none. */
  bring(workflow: object): boolean {
    const { workflows = [] } = this.#options
    if (!isTyped(workflow) || workflows.includes(workflow)) return false
    const options = { ...this.#options, workflows: [...workflows, workflow] }
    const { handlers, pins } = handlerTable(options)
    for (const [name, handler] of handlers) if (!this.#table.handlers.has(name)) this.#table.handlers.set(name, handler)
    Object.assign(this.#table.pins, pins)
    this.#pinsOf = new WeakMap()
    this.#options = options
    return true
  }

  /** What the checker knows of them. */
  contracts(): readonly HandlerFace[] {
    return handlerContracts(this.#options)
  }
}

function isTyped(workflow: object): workflow is TypedWorkflow {
  return typeof workflow === 'object' && workflow !== null && 'callSites' in workflow
}
