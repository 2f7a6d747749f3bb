import { resolveInputs } from '@segno/schema/plan'
import type { Failure, Json, RunEvent } from '@segno/schema/plan'
import type { Fixture, ScriptedCommand } from '@segno/schema'
import { compile } from '../kernel/compile.ts'
import { createRun } from '../kernel/create.ts'
import { decide } from '../kernel/decide.ts'
import type { Circumstances, Decision, Input } from '../kernel/decide.ts'
import { changes, runStatus, wakeAt, wantsContinue } from '../kernel/outstanding.ts'
import { Held } from '../kernel/kept.ts'
import type { Kept } from '../kernel/kept.ts'
import type { Plan } from '../kernel/plan.ts'
import { isTerminal } from '../kernel/state.ts'
import type { RunState } from '../kernel/state.ts'
import type { InboxMessage, RunStatus } from '../ports/storage.ts'
import { SegnoError } from '../error.ts'
import { msOf, ScriptedHandlers } from './scripted-handlers.ts'

/** The instant at which the run of a fixture is created: 2026-01-01T00:00:00Z. */
export const fixtureEpoch = 1_767_225_600_000

/** What became of a fixture: all that its expectation speaks of. */
export interface FixtureRun {
  readonly events: readonly RunEvent[]
  readonly status: RunStatus
  readonly output: Json | undefined
  readonly failure: Failure | undefined
  /** How often the handler of each step was called, by path. */
  readonly effects: Readonly<Record<string, number>>
  /** What the script did not foresee, or foresaw and did not happen. */
  readonly problems: readonly string[]
}

/**
 * Plays a fixture on the kernel alone, in virtual time: no engine, no storage.
 * At one instant, messages come first, then crashes, then what handlers give in
 * the order in which they began, then timers. Ends when nothing is left to
 * happen. Throws `INPUT_INVALID` where the input does not fit the definition.
 */
export function runFixture(fixture: Fixture): FixtureRun {
  const plan = compile(fixture.definition)
  const player = begin(plan, fixture)
  for (let moves = 0; !isTerminal(player.state); moves++) {
    if (moves === movesMax) throw new SegnoError('ARGUMENT_INVALID', `"${fixture.title}" does not come to an end`)
    if (!move(player)) break
  }
  return resultOf(player)
}

const movesMax = 100_000

interface Player {
  readonly plan: Plan
  readonly state: RunState
  readonly handlers: ScriptedHandlers
  readonly events: RunEvent[]
  /** Values beside the journal, by sha256, as a store would keep them. */
  readonly store: Map<string, string>
  /** Not yet delivered, in order. */
  readonly messages: InboxMessage[]
  readonly crashes: number[]
  now: number
  token: number
}

function begin(plan: Plan, fixture: Fixture): Player {
  const inputs = resolveInputs(fixture.definition, fixture.input ?? {})
  if ('problems' in inputs) {
    throw new SegnoError('INPUT_INVALID', inputs.problems.map(({ message }) => message).join('; '), {
      details: inputs.problems,
    })
  }
  const pins = Object.entries(fixture.handlers ?? {}).map(([name, contract]) => [
    name,
    { version: '1.0.0', ...contract },
  ])
  const circumstances: Circumstances = { now: fixtureEpoch, token: 1, seed: 0, blobs: new Map() }
  const { state, decision } = createRun(
    plan,
    {
      runId: 'run',
      incarnation: 'incarnation',
      engine: 'conformance',
      input: inputs.values,
      labels: fixture.definition.labels ?? {},
      handlers: Object.fromEntries(pins) as Parameters<typeof createRun>[1]['handlers'],
    },
    circumstances,
  )
  const player: Player = {
    plan,
    state,
    handlers: new ScriptedHandlers(plan, fixture),
    events: [],
    store: new Map(),
    messages: messagesOf(fixture),
    crashes: (fixture.crashes ?? []).map(instantOf),
    now: fixtureEpoch,
    token: 1,
  }
  record(player, decision)
  return player
}

// One thing happens: the earliest. False when nothing is left to happen.
function move(player: Player): boolean {
  const { state, handlers, messages, crashes } = player
  if (wantsContinue(state)) return tell(player, { type: 'continue' })
  const instants = [messages[0]?.deliveredAt, crashes[0], handlers.next()?.endsAt, wakeAt(state) ?? undefined]
  const first = Math.min(...instants.filter((instant) => instant !== undefined))
  if (first === Number.POSITIVE_INFINITY) return false
  player.now = Math.max(player.now, first)
  switch (instants.indexOf(first)) {
    case 0:
      return tell(player, { type: 'messages', messages: messages.splice(0, 1) })
    case 1:
      crashes.shift()
      player.token++
      handlers.die()
      return tell(player, { type: 'adopted', crashed: true })
    case 2: {
      const { path, attempt, outcome } = handlers.take()
      return tell(player, { type: 'settled', path, attempt, outcome })
    }
    default:
      return tell(player, { type: 'tick' })
  }
}

function tell(player: Player, input: Input): boolean {
  const { plan, state, now, token, store } = player
  // No value stays at hand, so that every one that is needed has to be asked for.
  const blobs = new Map<string, Json>()
  for (;;) {
    const decision = decide(plan, state, input, { now, token, seed: state.seq, blobs })
    record(player, decision)
    if (decision.need.length === 0) return true
    for (const ref of decision.need) blobs.set(ref.sha256, valueOf(store, new Held(ref)))
  }
}

function record({ state, handlers, events, store, now }: Player, decision: Decision): void {
  for (const { sha256, text } of decision.blobs) store.set(sha256, text)
  events.push(...decision.events)
  const { added, removed } = changes(state)
  for (const { path, attempt } of removed) handlers.forget(path, attempt)
  for (const effect of added) {
    if (effect.type === 'attempt') handlers.perform(effect, valueOf(store, effect.input), now)
    else if (effect.type === 'abort') handlers.abort(effect.path, effect.attempt, now)
  }
}

function valueOf(store: ReadonlyMap<string, string>, kept: Kept): Json {
  if (!(kept instanceof Held)) return kept
  const text = store.get(kept.ref.sha256)
  if (text === undefined) throw new SegnoError('JOURNAL_CORRUPT', `the value ${kept.ref.sha256} was never stored`)
  return JSON.parse(text) as Json
}

// An inbox takes a message of the same id once.
function messagesOf({ signals = [], commands = [] }: Fixture): InboxMessage[] {
  const messages = [
    ...signals.map(({ at, id, name, data }) => ({ id, name, payload: data ?? null, deliveredAt: instantOf(at) })),
    ...commands.map((command) => ({
      id: command.id,
      name: `segno.${command.command}`,
      payload: payloadOf(command),
      deliveredAt: instantOf(command.at),
    })),
  ].toSorted((one, other) => one.deliveredAt - other.deliveredAt)
  const first = new Map(messages.toReversed().map((message) => [message.id, message]))
  return messages.filter((message) => first.get(message.id) === message).map((message, n) => ({ ...message, n: n + 1 }))
}

function payloadOf({ reason, force, path, steps, duration }: ScriptedCommand): Json {
  return {
    ...(reason === undefined ? {} : { reason }),
    ...(force === undefined ? {} : { force }),
    ...(path === undefined ? {} : { path }),
    ...(steps === undefined ? {} : { steps }),
    ...(duration === undefined ? {} : { durationMs: msOf(duration) }),
  }
}

function instantOf(duration: string): number {
  return fixtureEpoch + msOf(duration)
}

function resultOf({ state, events, handlers, store }: Player): FixtureRun {
  return {
    events,
    status: runStatus(state),
    output: state.output === undefined ? undefined : valueOf(store, state.output),
    failure: state.failure,
    effects: handlers.calls,
    problems: handlers.problems(),
  }
}
