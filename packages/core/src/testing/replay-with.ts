import type { Fixture, RunBundle } from '@segno/schema'
import { isJsonObject } from '@segno/schema/plan'
import type { BlobRef, Definition, Failure, Json, JsonObject, RunEvent } from '@segno/schema/plan'
import { readBundle } from '../bundle/import-run.ts'
import type { RunStatus } from '../ports/storage.ts'
import { runFixture } from './fixture-run.ts'
import type { Divergence } from './replay-run.ts'
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
  /** What the run that was recorded cannot tell: attempts that it never made, and those that were not made again. */
  readonly unknown: readonly string[]
}

/**
 * Plays what happened to an exported run (outcomes of attempts, signals, answers,
 * commands, at their times) to another workflow, in virtual time. An attempt that the
 * journal has no outcome for never ends, and is told in `unknown`. What fell on one instant
 * comes in the order of fixtures: signals, answers, commands, ends of attempts, timers.
 */
export async function replayWith(given: unknown, workflow: Definition): Promise<ReplayWith> {
  const bundle = await readBundle(given)
  const { row, events } = bundle
  const identity = { runId: row.runId, incarnation: row.incarnation, epoch: events[0]?.at ?? row.createdAt }
  const { events: played, status, output, failure, problems } = runFixture(fixtureOf(bundle, workflow), identity)
  const divergence = divergenceOf(events, played)
  return {
    same: divergence === undefined,
    ...(divergence === undefined ? {} : { divergence }),
    status,
    ...(output === undefined ? {} : { output }),
    ...(failure === undefined ? {} : { failure }),
    events: played,
    unknown: problems,
  }
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
  const commands = events.flatMap((event) => commandOf(event, created.at))
  return {
    title: `run ${bundle.row.runId}`,
    definition,
    ...(isJsonObject(input) ? { input } : {}),
    handlers: Object.fromEntries(pins.map(([name, { effect }]) => [name, effect === undefined ? {} : { effect }])),
    script: scriptOf(bundle, ''),
    signals,
    answers,
    commands,
    expect: { events: [], status: 'completed' },
  } as Fixture
}

function handlersOf({ events: [created] }: RunBundle): Extract<RunEvent, { type: 'run.created' }>['handlers'] {
  return created?.type === 'run.created' ? created.handlers : {}
}

function valueOf({ blobs }: RunBundle, value: Json | undefined, ref: BlobRef | undefined): Json | undefined {
  return ref === undefined ? value : (JSON.parse(blobs[ref.sha256] ?? 'null') as Json)
}

type Script = Record<string, object[]>

// Attempts by the path of their step, in the order in which they ended; lost ones are left out.
function scriptOf(bundle: RunBundle, prefix: string): Script {
  const script: Script = {}
  const began = new Map<string, number>()
  const end = (path: string, at: number, outcome: object): void => {
    const since = began.get(path)
    if (since === undefined) return
    began.delete(path)
    script[prefix + path] = [...(script[prefix + path] ?? []), { ...outcome, after: `${at - since}ms` }]
  }
  for (const event of bundle.events) {
    const { at } = event
    switch (event.type) {
      case 'attempt.started':
        began.set(event.path, at)
        break
      case 'attempt.lost':
      case 'attempt.abandoned':
        began.delete(event.path)
        break
      case 'step.completed': {
        const output = valueOf(bundle, event.output, event.outputBlob)
        end(event.path, at, output === undefined ? {} : { output })
        break
      }
      case 'attempt.failed':
      case 'step.failed':
      case 'step.blocked':
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

const commands: ReadonlySet<string> = new Set(['pause', 'resume', 'retry'])

function commandOf(event: RunEvent, since: number): object[] {
  const at = `${event.at - since}ms`
  if (event.type === 'cancel.requested') {
    const { id, because, force } = event
    return [{ at, id, command: 'cancel', force, ...(because.message === undefined ? {} : { reason: because.message }) }]
  }
  if (event.type !== 'operator.acted' || event.refused !== undefined || !commands.has(event.action)) return []
  return [{ at, id: event.id, command: event.action, ...(event.path === undefined ? {} : { path: event.path }) }]
}
