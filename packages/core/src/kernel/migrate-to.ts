import type { Because, Json } from '@segno/schema/plan'
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
  const refused = refusalOf(deciding, known)
  if (refused !== undefined || known === undefined || 'refused' in known) {
    return emit(deciding, 'operator.acted', {
      id,
      action: 'migrate',
      ...by,
      ...(refused === undefined ? {} : { refused }),
    })
  }
  const { plan } = known
  const migration = migrate(deciding.plan, plan, state)
  if ('reasons' in migration) {
    const message = migration.reasons.map((reason) => `${reason.path || 'the run'}: ${reason.message}`).join('; ')
    const because = { code: 'PLAN_INCOMPATIBLE', message, details: migration.reasons as unknown as Json }
    return emit(deciding, 'operator.acted', { id, action: 'migrate', ...by, refused: because })
  }
  const field = migration.input === undefined ? {} : stored(deciding, 'input', migration.input)
  if (field instanceof NoValue) return
  // The versions that the run began with stay: another major one blocks it.
  const handlers = { ...known.handlers, ...state.handlers }
  const from = deciding.plan.hash
  deciding.plan = plan
  emit(deciding, 'plan.migrated', { id, from, to: plan.hash, handlers, ...field, ...by })
  deciding.scope = new KernelScope(plan, state, deciding.loaded)
}

function refusalOf({ state, plan }: Deciding, known: KnownPlan | undefined): Because | undefined {
  if (known === undefined) return { code: 'REFUSED', message: 'no plan is named' }
  if ('refused' in known) return known.refused
  if (state.status === 'cancelling') return { code: 'REFUSED', message: 'the run is being cancelled' }
  return known.plan.hash === plan.hash ? { code: 'REFUSED', message: 'the run goes by this plan already' } : undefined
}
