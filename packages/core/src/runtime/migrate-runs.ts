import { migrate } from '../kernel/migrate.ts'
import type { Incompatibility } from '../kernel/migrate.ts'
import { commandPrefix } from '../kernel/messages.ts'
import type { Plan } from '../kernel/plan.ts'
import { isTerminal } from '../ports/batch.ts'
import type { RunFilter, RunRow, RunStatus, Storage } from '../ports/storage.ts'
import { foldRun } from './fold-run.ts'
import { uniqueId } from './ids.ts'
import { everyRow, rowOf, unknownRun } from './known-rows.ts'
import type { Plans } from './plans.ts'
import { checkRunId, checkText } from './start-checks.ts'

/** Which runs: by their ids, or all in flight that fit. */
export type RunsToMigrate = readonly string[] | Omit<RunFilter, 'workflow'>

/** How runs are migrated. */
export interface MigrateOptions {
  /** Only tells what would come of it. */
  readonly dryRun?: boolean
  readonly actor?: string
  readonly reason?: string
}

/** What comes of migrating one run. */
export interface MigrationReport {
  readonly runId: string
  readonly status: RunStatus
  /** The plan that it goes by. */
  readonly from: string
  readonly to: string
  /**
   * `fits` it could be migrated (a dry run) · `sent` it was told to; its journal says `plan.migrated`, or `operator.acted`
   * with the refusal, once a driver has taken that in · `same` it goes by that plan already · `refused` the reasons stand
   * against it · `ended` there is nothing to go on with.
   */
  readonly outcome: 'fits' | 'sent' | 'same' | 'refused' | 'ended'
  readonly reasons: readonly Incompatibility[]
}

/** What runs are migrated with. */
export interface MigrationWorld {
  readonly storage: Storage
  readonly plans: Plans
  readonly onDelivered: (runId: string) => void
}

/** Puts runs on another plan, each by a message to whoever drives it, after a look at whether it fits. */
export async function migrateRuns(
  world: MigrationWorld,
  runs: RunsToMigrate,
  plan: Plan,
  options: MigrateOptions,
): Promise<readonly MigrationReport[]> {
  if (options.actor !== undefined) checkText('Who migrates runs', options.actor)
  const reports: MigrationReport[] = []
  for await (const row of wantedRows(world.storage, runs, plan))
    reports.push(await migrateOne(world, row, plan, options))
  return reports
}

async function* wantedRows(storage: Storage, runs: RunsToMigrate, plan: Plan): AsyncGenerator<RunRow, void, undefined> {
  if (Array.isArray(runs)) {
    for (const runId of runs as readonly string[]) {
      checkRunId(runId)
      yield await rowOf(storage, runId)
    }
    return
  }
  const filter = { ...(runs as RunFilter), workflow: plan.definition.name }
  for await (const row of everyRow(storage, filter)) if (!isTerminal(row.status)) yield row
}

async function migrateOne(
  { storage, plans, onDelivered }: MigrationWorld,
  row: RunRow,
  plan: Plan,
  { dryRun = false, actor, reason }: MigrateOptions,
): Promise<MigrationReport> {
  const { runId, status } = row
  const report = { runId, status, from: row.plan, to: plan.hash, reasons: [] }
  if (isTerminal(status)) return { ...report, outcome: 'ended' }
  const folded = await foldRun(storage, runId, (hash) => plans.pinned(hash))
  if (folded === undefined) throw unknownRun(runId)
  const from = folded.plan.hash
  if (from === plan.hash) return { ...report, from, outcome: 'same' }
  const migration = migrate(folded.plan, plan, folded.state)
  if ('reasons' in migration) return { ...report, from, outcome: 'refused', reasons: migration.reasons }
  if (dryRun) return { ...report, from, outcome: 'fits' }
  const payload = { plan: plan.hash, ...(reason === undefined ? {} : { reason }) }
  const sender = actor === undefined ? {} : { sender: actor }
  const message = { id: uniqueId('cmd'), name: `${commandPrefix}migrate`, payload, ...sender }
  const { outcome } = await storage.deliver(runId, message)
  if (outcome === 'closed' || outcome === 'unknown') return { ...report, from, outcome: 'ended' }
  onDelivered(runId)
  return { ...report, from, outcome: 'sent' }
}
