import type { Fixture, RunBundle } from '@segno/schema'
import { isJsonObject } from '@segno/schema/plan'
import type { BlobRef, Definition, EventOf, Failure, Json, JsonObject, RunEvent } from '@segno/schema/plan'
import { readBundle } from '../bundle/import-run.ts'
import type { RunStatus } from '../ports/storage.ts'
import { runFixture } from './fixture-run.ts'
import type { Divergence } from './replay-run.ts'
import { actCommand, actDifferences, actsLeftOut } from './replayed-acts.ts'
import type { ActDifference, ValueOf } from './replayed-acts.ts'
import { shortEvent } from './fixture-match.ts'

/** What would have happened by another workflow. */
export interface ReplayWith {
  /** Whether it does the same, event by event; instants and keys are not compared. */
  readonly same: boolean
  /** The first place where it does something else: what was recorded there, and what would have followed. */
  readonly divergence?: Divergence
  readonly status: RunStatus
  readonly output?: Json
  readonly failure?: Failure
  readonly events: readonly RunEvent[]
  /** What operators did that is not done again, or to another effect. Migrations always are: the workflow is the one given. */
  readonly acts: readonly ActDifference[]
  /** What the run that was recorded cannot tell: attempts that it never made, and those that were not made again. */
  readonly unknown: readonly string[]
}

/**
 * Plays what happened to an exported run (outcomes of attempts, signals, answers,
 * commands, acts of operators, at their times) to another workflow, in virtual time. An attempt that the
 * journal has no outcome for never ends, and is told in `unknown`; an act that has no place by that
 * workflow is refused there, and told in `acts`. What fell on one instant comes in
 * the order of fixtures: what was sent to the run (in the order in which it came), ends of attempts, timers.
 */
export async function replayWith(given: unknown, workflow: Definition): Promise<ReplayWith> {
  const bundle = await readBundle(given)
  const { row, events } = bundle
  const order = events.flatMap((event) => ('id' in event ? [event.id] : []))
  const identity = { runId: row.runId, incarnation: row.incarnation, epoch: events[0]?.at ?? row.createdAt }
  const {
    events: played,
    status,
    output,
    failure,
    problems,
  } = runFixture(fixtureOf(bundle, workflow), {
    ...identity,
    order,
    blocking,
  })
  const leftOut = new Set([...actsLeftOut(events), ...ignoredIn(events)])
  const compared = events.filter((event) => !('id' in event) || !leftOut.has(event.id))
  const divergence = divergenceOf(compared, played)
  return {
    same: divergence === undefined,
    ...(divergence === undefined ? {} : { divergence }),
    status,
    ...(output === undefined ? {} : { output }),
    ...(failure === undefined ? {} : { failure }),
    events: played,
    acts: actDifferences(bundle, played),
    unknown: [...problems, ...neverEnded(bundle, played)],
  }
}

// What was sent to the run and never taken in changed nothing, and only its id is in the journal.
function ignoredIn(events: readonly RunEvent[]): readonly string[] {
  const received = new Set(events.flatMap((event) => (event.type === 'signal.received' ? [event.id] : [])))
  return events.flatMap((event) => (event.type === 'signal.ignored' && !received.has(event.id) ? [event.id] : []))
}

// Attempts that took longer than their time here, and have more of it there.
function neverEnded({ events }: RunBundle, played: readonly RunEvent[]): readonly string[] {
  const late = new Set(
    events.flatMap((event) => (event.type === 'timer.fired' && event.purpose === 'timeout' ? [event.path] : [])),
  )
  const open = new Map<string, number>()
  for (const event of played) {
    if (event.type === 'attempt.started' && late.has(event.path)) open.set(event.path, event.attempt)
    else if ('path' in event && event.path !== undefined && event.type !== 'timer.set') open.delete(event.path)
  }
  return [...open].map(([path, attempt]) => `attempt ${attempt} of "${path}" was stopped at its timeout`)
}

function divergenceOf(recorded: readonly RunEvent[], played: readonly RunEvent[]): Divergence | undefined {
  // What the driver alone has to say about a crash is no part of what a workflow does.
  const [one, other] = [recorded, played].map((events) => events.filter(({ type }) => !ofDrivers.has(type)))
  for (let index = 0; index < Math.max(one?.length ?? 0, other?.length ?? 0); index++) {
    const [before, after] = [one?.[index], other?.[index]]
    if (before !== undefined && after !== undefined && headline(before) === headline(after)) continue
    return {
      seq: before?.seq ?? after?.seq ?? 0,
      ...(before === undefined ? {} : { recorded: before }),
      ...(after === undefined ? {} : { replayed: after }),
    }
  }
  return undefined
}

const ofDrivers: ReadonlySet<string> = new Set(['run.adopted', 'attempt.lost', 'child.started'])

// Retries are drawn by lot, and lost attempts count too.
function headline(event: RunEvent): string {
  if (event.type === 'attempt.failed') return shortEvent({ ...event, retryAt: 0, attempt: 1 })
  return shortEvent('attempt' in event ? { ...event, attempt: 1 } : event)
}

function fixtureOf(bundle: RunBundle, definition: Definition): Fixture {
  const { events } = bundle
  const [created] = events
  if (created?.type !== 'run.created') throw new Error('a journal begins with run.created')
  const all = [bundle, ...(bundle.children ?? [])]
  const pins = Object.entries(Object.assign({}, ...all.map(handlersOf)) as ReturnType<typeof handlersOf>)
  const input = valueOf(bundle, created.input, created.inputBlob)
  const signals = events.flatMap((event) => signalOf(bundle, event, created.at))
  const answers = events.flatMap((event) => answerOf(bundle, event, created.at))
  const read: ValueOf = (value, ref) => valueOf(bundle, value, ref)
  const commands = events.flatMap((event) => commandOf(event, created.at, read))
  return {
    title: `run ${bundle.row.runId}`,
    definition,
    ...(isJsonObject(input) ? { input } : {}),
    ...(created.onFailure === undefined ? {} : { onFailure: created.onFailure }),
    handlers: Object.fromEntries(pins.map(([name, { effect }]) => [name, effect === undefined ? {} : { effect }])),
    script: scriptOf(bundle, ''),
    signals,
    answers,
    commands,
    expect: { events: [], status: 'completed' },
  } as Fixture
}

// A migration adds those of the new plan.
function handlersOf({ events }: RunBundle): EventOf<'run.created'>['handlers'] {
  const last = events.findLast(({ type }) => type === 'run.created' || type === 'plan.migrated')
  return last?.type === 'run.created' || last?.type === 'plan.migrated' ? last.handlers : {}
}

function valueOf({ blobs }: RunBundle, value: Json | undefined, ref: BlobRef | undefined): Json | undefined {
  return ref === undefined ? value : (JSON.parse(blobs[ref.sha256] ?? 'null') as Json)
}

type Script = Record<string, object[]>

// What blocks a step though no attempt of it has failed.
const blocking: ReadonlySet<string> = new Set([
  ...['OUTCOME_UNKNOWN', 'HANDLER_MISSING', 'HANDLER_VERSION', 'TRANSACTIONS_MISSING'],
  ...['SECRET_MISSING', 'SECRET_UNMASKABLE'],
])

// Attempts by the path of their step, in the order in which they ended; lost ones are left out where others were made in their place.
function scriptOf(bundle: RunBundle, prefix: string): Script {
  const script: Script = {}
  const began = new Map<string, number>()
  const lost = new Map<string, number>()
  const stopped = new Map<string, number>()
  const end = (path: string, at: number, outcome: object): void => {
    const [since, stoppedAt] = [began.get(path), stopped.get(path)]
    if (since === undefined) return
    began.delete(path)
    stopped.delete(path)
    const own = { ...outcome, after: `${at - (stoppedAt ?? since)}ms` }
    const scripted = stoppedAt === undefined ? own : { hang: true, onAbort: own }
    script[prefix + path] = [...(script[prefix + path] ?? []), scripted]
  }
  for (const event of bundle.events) {
    const { at } = event
    switch (event.type) {
      case 'attempt.started':
        began.set(event.path, at)
        stopped.delete(event.path)
        break
      case 'timer.fired':
        if (event.purpose === 'timeout') stopped.set(event.path, at)
        break
      case 'attempt.lost':
        lost.set(event.path, began.get(event.path) ?? at)
        began.delete(event.path)
        break
      case 'attempt.abandoned':
        began.delete(event.path)
        break
      case 'step.completed': {
        const output = valueOf(bundle, event.output, event.outputBlob)
        end(event.path, at, output === undefined ? {} : { output })
        break
      }
      case 'step.blocked': {
        // Nobody knows what it did, and whoever decided about it did so.
        const since = lost.get(event.path)
        if (event.failure.code === 'OUTCOME_UNKNOWN' && since !== undefined) began.set(event.path, since)
        end(event.path, at, { failure: scriptedFailure(event.failure) })
        break
      }
      case 'attempt.failed':
      case 'step.failed':
        end(event.path, at, { failure: scriptedFailure(event.failure) })
        break
      case 'child.started': {
        const child = bundle.children?.find(({ row }) => row.runId === event.child)
        if (child !== undefined) Object.assign(script, scriptOf(child, `${prefix}${event.path}/`))
        break
      }
      default:
    }
  }
  return script
}

function scriptedFailure({ code, message, retryable, details }: Failure): object {
  return { code, message, retryable, ...(details === undefined ? {} : { details }) }
}

function signalOf(bundle: RunBundle, event: RunEvent, since: number): object[] {
  if (event.type !== 'signal.received') return []
  const { id, name, data, dataBlob } = event
  const value = valueOf(bundle, data, dataBlob)
  return [{ at: `${event.at - since}ms`, id, name, ...(value === undefined ? {} : { data: value }) }]
}

function answerOf(bundle: RunBundle, event: RunEvent, since: number): object[] {
  if (event.type !== 'task.answered') return []
  const { path, id, answer, answerBlob } = event
  const given = valueOf(bundle, answer, answerBlob)
  const { at: _, ...said } = (isJsonObject(given) ? given : {}) as JsonObject
  return [{ at: `${event.at - since}ms`, path, id, ...said }]
}

function commandOf(event: RunEvent, since: number, read: ValueOf): object[] {
  if (event.type !== 'cancel.requested') return actCommand(event, since, read)
  const at = `${event.at - since}ms`
  const { id, because, force } = event
  return [{ at, id, command: 'cancel', force, ...(because.message === undefined ? {} : { reason: because.message }) }]
}
