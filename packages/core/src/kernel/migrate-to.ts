import type { Because, BlobRef, Json, JsonObject } from '@segno/schema/plan'
import type { Deciding, KnownPlan } from './deciding.ts'
import { emit, stored } from './deciding.ts'
import { migrate } from './migrate.ts'
import type { Command } from './operate.ts'
import { KernelScope, NoValue } from './scope.ts'

/** Puts the run on another plan, or records all that stands against it. */
export function migrateTo(deciding: Deciding, { id, by, fields }: Command): void {
  const { state, plans } = deciding
  const wanted = fields['plan']
  const known = typeof wanted === 'string' ? plans.get(wanted) : undefined
  const found = nextPlan(deciding, known)
  if ('refused' in found) {
    return emit(deciding, 'operator.acted', { id, action: 'migrate', ...by, refused: found.refused })
  }
  const { plan, field } = found
  // The versions that the run began with stay: another major one blocks it.
  const handlers = { ...found.handlers, ...state.handlers }
  const from = deciding.plan.hash
  deciding.plan = plan
  emit(deciding, 'plan.migrated', { id, from, to: plan.hash, handlers, ...field, ...by })
  deciding.scope = new KernelScope(plan, state, deciding.loaded)
}

interface Refused {
  readonly refused: Because
}

/** A plan that the run can go on by, and the input of the run where the plan adds to it. */
type NextPlan = Exclude<KnownPlan, Refused> & {
  readonly field: { readonly input?: Json } | { readonly inputBlob?: BlobRef }
}

function nextPlan(deciding: Deciding, known: KnownPlan | undefined): NextPlan | Refused {
  const { state, plan } = deciding
  if (known === undefined) return refused('no plan is named')
  if ('refused' in known) return known
  if (state.status === 'cancelling') return refused('the run is being cancelled')
  if (known.plan.hash === plan.hash) return refused('the run goes by this plan already')
  const migration = migrate(plan, known.plan, state)
  if ('reasons' in migration) {
    const message = migration.reasons.map((reason) => `${reason.path || 'the run'}: ${reason.message}`).join('; ')
    return { refused: { code: 'PLAN_INCOMPATIBLE', message, details: migration.reasons as unknown as Json } }
  }
  const field = inputField(deciding, migration.input)
  return field instanceof NoValue
    ? refused('the input of the run is too large with what the plan adds to it')
    : { ...known, field }
}

function inputField(deciding: Deciding, input: JsonObject | undefined): NextPlan['field'] | NoValue {
  return input === undefined ? {} : stored(deciding, 'input', input)
}

function refused(message: string): Refused {
  return { refused: { code: 'REFUSED', message } }
}
