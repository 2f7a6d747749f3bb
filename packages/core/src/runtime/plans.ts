import { canonicalJson, planHash, sha256Hex } from '@segno/schema/plan'
import type { Definition, Json } from '@segno/schema/plan'
import type { HandlerFace, LoadedWorkflow } from '@segno/schema/load'
import type { TypedWorkflow } from '../builder/typed-workflow.ts'
import { SegnoError } from '../error.ts'
import { compile } from '../kernel/compile.ts'
import type { Plan } from '../kernel/plan.ts'
import type { Storage } from '../ports/storage.ts'
import type { Workflow } from './engine-options.ts'

/** What a run can be started of. */
export type GivenWorkflow = Workflow | Definition | TypedWorkflow

/** The plans that an engine has compiled, by hash and by the object that was handed in. */
export class Plans {
  readonly #storage: Storage
  readonly #handlers: () => readonly (string | HandlerFace)[]
  readonly #byHash = new Map<string, Plan>()
  readonly #bySource = new WeakMap<object, Plan>()
  /** Those that are being fetched: a hundred runs that are taken up at once compile their plan once. */
  readonly #coming = new Map<string, Promise<Plan>>()
  readonly #stored = new Set<string>()

  constructor(storage: Storage, handlers: () => readonly (string | HandlerFace)[]) {
    this.#storage = storage
    this.#handlers = handlers
  }

  /** The plan of a definition at hand, which is checked unless it is known already. */
  known(workflow: GivenWorkflow): Plan | undefined {
    const plan = this.#bySource.get(workflow)
    return plan !== undefined && this.#stored.has(plan.hash) ? plan : undefined
  }

  /** Checks, compiles and stores a definition. Throws `DEFINITION_INVALID` with all its diagnostics. */
  async prepare(workflow: GivenWorkflow): Promise<Plan> {
    const plan = this.#bySource.get(workflow) ?? (await this.#compile(workflow, this.#handlers()))
    this.#bySource.set(workflow, plan)
    await this.#store(plan)
    return plan
  }

  /** The same for runs that others drive: handlers that are missing here are no mistake. */
  async prepareForOthers(workflow: GivenWorkflow): Promise<Plan> {
    try {
      return await this.prepare(workflow)
    } catch (error) {
      if (!lacksOnlyHandlers(error)) throw error
    }
    const plan = await this.#compile(workflow)
    await this.#store(plan)
    return plan
  }

  /** Whether the plan need not be fetched. */
  has(hash: string): boolean {
    return this.#byHash.has(hash)
  }

  /** The plan that a run is pinned to. Throws `PLAN_MISSING`, or `STORAGE_INVALID` where it is damaged. */
  async pinned(hash: string): Promise<Plan> {
    const known = this.#byHash.get(hash)
    if (known !== undefined) return known
    const coming = this.#coming.get(hash) ?? this.#fetch(hash).finally(() => this.#coming.delete(hash))
    this.#coming.set(hash, coming)
    return coming
  }

  async #fetch(hash: string): Promise<Plan> {
    const definition = await this.#storage.getPlan(hash)
    if (definition === undefined) throw new SegnoError('PLAN_MISSING', `The store has no plan ${hash}`)
    return this.read(hash, definition)
  }

  /** The plan of a definition that the store keeps under its hash. Throws `STORAGE_INVALID` where it is damaged. */
  read(hash: string, definition: Definition): Plan {
    const known = this.#byHash.get(hash)
    if (known !== undefined) return known
    if (!isNamed(definition, hash)) throw new SegnoError('STORAGE_INVALID', `The plan ${hash} is damaged`)
    return this.#keep(compile(definition, hash))
  }

  /** The plan of a run that another one starts: its definition was checked as a part of that one's. */
  async child(hash: string, definition: Definition): Promise<Plan> {
    const plan = this.#byHash.get(hash) ?? this.#keep(compile(definition, hash))
    await this.#store(plan)
    return plan
  }

  async #store(plan: Plan): Promise<void> {
    if (this.#stored.has(plan.hash)) return
    await this.#storage.putPlan(plan.hash, plan.definition)
    this.#stored.add(plan.hash)
  }

  async #compile(workflow: GivenWorkflow, handlers?: readonly (string | HandlerFace)[]): Promise<Plan> {
    // The checker brings the parser and zod, which a host that runs checked plans never loads.
    const { loadDefinition } = await import('@segno/schema/load')
    const isWorkflow = typeof workflow === 'object' && workflow !== null && 'definition' in workflow
    // Also what comes as a checked workflow is checked: once per object, and nobody can pin a run to a plan that is none.
    const { workflow: loaded, diagnostics } = loadDefinition(isWorkflow ? workflow.definition : workflow, {
      ...(handlers && { handlers }),
    })
    if (loaded === undefined) {
      const errors = diagnostics.filter(({ severity }) => severity === 'error')
      const sites = isWorkflow && 'callSites' in workflow ? workflow.callSites : {}
      const list = errors
        .map(({ code, message, pointer }) => `${code} at ${placeOf(pointer, sites)}: ${message}`)
        .join('\n')
      throw new SegnoError('DEFINITION_INVALID', `The definition has errors:\n${list}`, { details: diagnostics })
    }
    const { definition, hash } = loaded
    if (isWorkflow && 'hash' in workflow && workflow.hash !== hash) {
      const message = `The workflow's hash is ${String(workflow.hash)}, that of its definition ${hash}`
      throw new SegnoError('DEFINITION_INVALID', message)
    }
    return this.#keep(compile(definition, hash))
  }

  #keep(plan: Plan): Plan {
    const known = this.#byHash.get(plan.hash)
    if (known !== undefined) return known
    this.#byHash.set(plan.hash, plan)
    return plan
  }
}

// What an engine has stored is in its canonical form already; what is not has its name from that form.
function isNamed(definition: Definition, hash: string): boolean {
  return sha256Hex(canonicalJson(definition as unknown as Json)) === hash || planHash(definition) === hash
}

function lacksOnlyHandlers(error: unknown): boolean {
  if (!SegnoError.is(error, 'DEFINITION_INVALID') || !Array.isArray(error.details)) return false
  const errors = (error.details as LoadedWorkflow['diagnostics']).filter(({ severity }) => severity === 'error')
  return errors.length > 0 && errors.every(({ code }) => code === 'UNKNOWN_HANDLER')
}

// The step that a mistake is in, or the nearest one around, was written somewhere in the program.
function placeOf(pointer: string, callSites: Readonly<Record<string, string>>): string {
  const place = pointer || '/'
  for (let at = pointer; at !== ''; at = at.slice(0, at.lastIndexOf('/'))) {
    const site = callSites[at]
    if (site !== undefined) return `${place} (${site})`
  }
  return place
}
