import type { BlobRef, Failure, Json, JsonObject } from '@segno/schema/plan'
import type { DriverInput } from '../driver/protocol.ts'
import { SegnoError } from '../error.ts'
import type { ErrorCode } from '../error.ts'
import { Held } from '../kernel/kept.ts'
import type { Kept } from '../kernel/kept.ts'
import { commandPrefix } from '../kernel/messages.ts'
import type { Errand } from '../kernel/outstanding.ts'
import type { StartNode } from '../kernel/plan.ts'
import type { Storage } from '../ports/storage.ts'

/** A run that another one starts. */
export interface ChildRun {
  readonly runId: string
  readonly plan: StartNode['child']
  readonly input: JsonObject
  readonly labels: Readonly<Record<string, string>>
  readonly parent: { readonly runId: string; readonly path: string; readonly awaited?: true }
}

/** What errands are done with. */
export interface ErrandWorld {
  readonly storage: Storage
  /** Creates a run, or finds that it exists. */
  readonly createChild: (child: ChildRun) => Promise<void>
  /** A message has been delivered to a child run. */
  readonly onDelivered: (runId: string) => void
  /** A parent has been told: whoever drove the child sees to it that the parent goes on. */
  readonly onTold: (runId: string) => void
}

/** The run that an errand is for, and its values. */
export interface Principal {
  readonly runId: string
  readonly incarnation: string
  readonly value: (ref: BlobRef) => Promise<Json>
}

type Done = Extract<DriverInput, { type: 'errandDone' }>['input']

/**
 * Does what a run wants of another run: creates it, stops it, or tells it how this
 * one ended. Each may be done again: ids say what was done before. Rejects where
 * the store fails; then nobody knows, and it is done again.
 */
export async function doErrand(world: ErrandWorld, principal: Principal, errand: Errand): Promise<Done> {
  switch (errand.type) {
    case 'child':
      return create(world, principal, errand)
    case 'stopChild':
      return stop(world, principal, errand)
    case 'tell':
      return tell(world, principal, errand)
    default:
      return errand satisfies never
  }
}

async function create(
  { createChild }: ErrandWorld,
  principal: Principal,
  errand: Extract<Errand, { type: 'child' }>,
): Promise<Done> {
  const { runId, path, child: plan, labels } = errand
  const parent = { runId: principal.runId, path, ...(errand.awaited ? ({ awaited: true } as const) : {}) }
  try {
    const input = (await valueOf(principal, errand.input)) as JsonObject
    await createChild({ runId, plan, input, labels, parent })
    return { type: 'child', runId, outcome: { kind: 'created' } }
  } catch (error) {
    const failure = refusalOf(error)
    if (failure === undefined) throw error
    return { type: 'child', runId, outcome: { kind: 'refused', failure } }
  }
}

const refusals: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'INPUT_INVALID',
  'FILES_REQUIRED',
  'SECRET_MISSING',
  'RUN_EXISTS',
  'DEFINITION_INVALID',
])

// Refused for what it says: it would be refused again.
function refusalOf(error: unknown): Failure | undefined {
  if (!SegnoError.is(error) || !refusals.has(error.code)) return undefined
  return { code: error.code, message: error.message, retryable: false }
}

async function stop(
  { storage, onDelivered }: ErrandWorld,
  { incarnation }: Principal,
  { runId, reason, force }: Extract<Errand, { type: 'stopChild' }>,
): Promise<Done> {
  const id = `${incarnation}.cancel${force ? '.force' : ''}`
  const payload = { reason, force }
  const { outcome } = await storage.deliver(runId, { id, name: `${commandPrefix}cancel`, payload })
  // One that has ended has told so before.
  if (outcome === 'unknown') return { type: 'child', runId, outcome: { kind: 'gone' } }
  onDelivered(runId)
  return undefined
}

async function tell(
  { storage, onTold }: ErrandWorld,
  principal: Principal,
  { runId, outcome }: Extract<Errand, { type: 'tell' }>,
): Promise<Done> {
  const output = outcome.status === 'completed' ? { output: await valueOf(principal, outcome.output) } : {}
  const payload = { ...outcome, ...output, runId: principal.runId } as unknown as Json
  const { outcome: heard } = await storage.deliver(runId, {
    id: principal.runId,
    name: `${commandPrefix}child`,
    payload,
  })
  if (heard === 'accepted' || heard === 'duplicate') onTold(runId)
  return { type: 'told' }
}

async function valueOf({ value }: Principal, kept: Kept): Promise<Json> {
  return kept instanceof Held ? await value(kept.ref) : kept
}
