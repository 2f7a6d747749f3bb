import { isJsonObject, resolveInputs } from '@segno/schema/plan'
import type { Definition, Failure, Json, JsonObject, RunEvent } from '@segno/schema/plan'
import type { Fixture } from '@segno/schema'
import { compile } from '../kernel/compile.ts'
import { createRun } from '../kernel/create.ts'
import type { Creation } from '../kernel/create.ts'
import { decide } from '../kernel/decide.ts'
import type { KnownPlan } from '../kernel/deciding.ts'
import type { Circumstances, Decision, Input } from '../kernel/decide.ts'
import { changes, outstanding, runStatus, wakeAt, wantsContinue } from '../kernel/outstanding.ts'
import type { Effect, Errand } from '../kernel/outstanding.ts'
import type { Message } from '../kernel/messages.ts'
import { Held } from '../kernel/kept.ts'
import type { Kept } from '../kernel/kept.ts'
import type { Plan } from '../kernel/plan.ts'
import { isTerminal } from '../kernel/state.ts'
import type { RunState } from '../kernel/state.ts'
import type { InboxMessage, RunStatus } from '../ports/storage.ts'
import { SegnoError } from '../error.ts'
import { answerName, fixtureMessages } from './fixture-messages.ts'
import type { FixtureIdentity } from './fixture-messages.ts'
import { msOf, ScriptedHandlers, unusedAttempts } from './scripted-handlers.ts'

/** The instant at which the run of a fixture is created: 2026-01-01T00:00:00Z. */
export const fixtureEpoch = 1_767_225_600_000

const usualIdentity: FixtureIdentity = { runId: 'run', incarnation: 'incarnation', epoch: fixtureEpoch }

/** What became of a fixture: all that its expectation speaks of. */
export interface FixtureRun {
  readonly events: readonly RunEvent[]
  readonly status: RunStatus
  readonly output: Json | undefined
  readonly failure: Failure | undefined
  /** The values beside the journal: their JSON text, by its sha256. */
  readonly blobs: Readonly<Record<string, string>>
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
export function runFixture(fixture: Fixture, identity: FixtureIdentity = usualIdentity): FixtureRun {
  const world = begin(fixture, identity)
  for (let moves = 0; !isTerminal(world.main.state); moves++) {
    if (moves === movesMax) throw new SegnoError('ARGUMENT_INVALID', `"${fixture.title}" does not come to an end`)
    if (!move(world)) break
  }
  return resultOf(world)
}

const movesMax = 100_000

/** The run of a fixture, and the runs that it starts. */
interface World {
  readonly fixture: Fixture
  readonly identity: FixtureIdentity
  /** By hash: those that it may be migrated to. */
  readonly plans: ReadonlyMap<string, KnownPlan>
  readonly main: Player
  /** By id, in the order in which they were created. */
  readonly players: Map<string, Player>
  readonly crashes: number[]
  /** What is to be done about other runs, in the order in which it was asked for. */
  readonly errands: { readonly player: Player; readonly errand: Errand | Emission }[]
  now: number
  token: number
}

/** A signal on its way to another run. */
interface Emission {
  readonly type: 'emit'
  readonly path: string
  readonly attempt: number
  readonly key: string
  readonly input: Json
}

interface Player {
  readonly runId: string
  /** That which it goes by now. */
  plan: Plan
  readonly state: RunState
  /** Before the paths of its steps in the script. */
  readonly prefix: string
  readonly handlers: ScriptedHandlers
  readonly events: RunEvent[]
  /** Values beside the journal, by sha256, as a store would keep them. */
  readonly store: Map<string, string>
  /** Not yet delivered, in order. */
  readonly messages: InboxMessage[]
  /** Ids of what was ever delivered. */
  readonly delivered: Set<string>
}

interface NewPlayer {
  readonly runId: string
  readonly prefix: string
  readonly definition: Definition
  readonly input: JsonObject
  readonly labels?: Creation['labels']
  readonly parent?: NonNullable<Creation['parent']>
}

function begin(fixture: Fixture, identity: FixtureIdentity): World {
  const inputs = resolveInputs(fixture.definition, fixture.input ?? {})
  if ('problems' in inputs) {
    throw new SegnoError('INPUT_INVALID', inputs.problems.map(({ message }) => message).join('; '), {
      details: inputs.problems,
    })
  }
  const world = {
    fixture,
    identity,
    plans: plansOf(fixture),
    players: new Map<string, Player>(),
    crashes: (fixture.crashes ?? []).map((after) => identity.epoch + msOf(after)),
    errands: [],
    now: identity.epoch,
    token: 1,
  }
  const player = { runId: identity.runId, prefix: '', definition: fixture.definition, input: inputs.values }
  const main = join(world, player)
  return { ...world, main }
}

function join(world: Omit<World, 'main'>, created: NewPlayer): Player {
  const { fixture, identity, now, token } = world
  const { runId, prefix, definition, input, labels, parent } = created
  const plan = compile(definition)
  const isMain = runId === identity.runId
  const circumstances: Circumstances = { now, token, seed: 0, blobs: new Map() }
  const { state, decision } = createRun(
    plan,
    {
      runId,
      incarnation: isMain ? identity.incarnation : runId,
      engine: 'conformance',
      input,
      labels: { ...labels, ...definition.labels },
      handlers: pinsOf(fixture),
      ...(parent === undefined ? {} : { parent }),
      ...(fixture.onFailure === undefined || !isMain ? {} : { onFailure: fixture.onFailure }),
    },
    circumstances,
  )
  const handlers = new ScriptedHandlers(fixture, prefix)
  // What is sent to a run that does not exist yet is lost.
  const messages = fixtureMessages(fixture, identity, prefix).filter(({ deliveredAt }) => deliveredAt >= now)
  const player: Player = {
    runId,
    plan,
    state,
    prefix,
    handlers,
    events: [],
    store: new Map(),
    messages,
    delivered: new Set(messages.map(({ id }) => id)),
  }
  world.players.set(runId, player)
  record(world, player, decision)
  return player
}

function plansOf(fixture: Fixture): ReadonlyMap<string, KnownPlan> {
  const plans = Object.values(fixture.plans ?? {}).map((definition) => compile(definition))
  return new Map(plans.map((plan) => [plan.hash, { plan, handlers: pinsOf(fixture) }]))
}

function pinsOf({ handlers = {} }: Fixture): Creation['handlers'] {
  const pins = Object.entries(handlers).map(([name, contract]) => [name, { version: '1.0.0', ...contract }])
  return Object.fromEntries(pins) as Creation['handlers']
}

// One thing happens: what follows at once, then what was asked of other runs, then the earliest of all else. False
// when nothing is left to happen.
function move(world: World): boolean {
  const players = [...world.players.values()].filter(({ state }) => !isTerminal(state))
  const eager = players.find(({ state }) => wantsContinue(state))
  if (eager !== undefined) return tell(world, eager, { type: 'continue' })
  const errand = world.errands.shift()
  if (errand !== undefined) return run(world, errand.player, errand.errand)
  const turns: Turn[] = players.flatMap((player) => turnsOf(world, player))
  const crash = world.crashes[0]
  if (crash !== undefined) turns.push({ at: crash, rank: 1, take: () => die(world) })
  const first = turns.toSorted((one, other) => one.at - other.at || one.rank - other.rank)[0]
  if (first === undefined) return false
  world.now = Math.max(world.now, first.at)
  return first.take()
}

interface Turn {
  readonly at: number
  /** At one instant, messages come first, then crashes, then what handlers give, then timers. */
  readonly rank: 0 | 1 | 2 | 3
  readonly take: () => boolean
}

function turnsOf(world: World, player: Player): Turn[] {
  const { state, handlers, messages } = player
  const turns: Turn[] = []
  const [message] = messages
  if (message !== undefined) {
    const take = (): boolean =>
      tell(world, player, { type: 'messages', messages: messages.splice(0, 1).map((one) => seen(player, one)) })
    turns.push({ at: message.deliveredAt, rank: 0, take })
  }
  const ending = handlers.next()
  if (ending !== undefined) {
    const take = (): boolean => {
      const { path, attempt, outcome } = handlers.take()
      const isBlocking = outcome.kind === 'failed' && world.identity.blocking?.has(outcome.failure.code) === true
      const known = isBlocking ? { ...outcome, kind: 'impossible' as const } : outcome
      return tell(world, player, { type: 'settled', path, attempt, outcome: known })
    }
    turns.push({ at: ending.endsAt, rank: 2, take })
  }
  const due = wakeAt(state)
  if (due !== null) turns.push({ at: due, rank: 3, take: () => tell(world, player, { type: 'tick' }) })
  return turns
}

// Who answers has seen what is asked just then.
function seen({ state }: Player, message: InboxMessage): InboxMessage {
  if (message.name !== answerName || !isJsonObject(message.payload) || 'hash' in message.payload) return message
  const { path } = message.payload
  const hash = typeof path === 'string' ? state.steps.get(path)?.hash : undefined
  return { ...message, payload: { ...message.payload, hash: hash ?? '' } }
}

// The process dies with all that it drives, and another takes it over at once.
function die(world: World): boolean {
  world.crashes.shift()
  world.token++
  world.errands.length = 0
  for (const player of world.players.values()) {
    player.handlers.die()
    if (isTerminal(player.state)) continue
    tell(world, player, { type: 'adopted', crashed: true })
    for (const effect of outstanding(player.state)) {
      if (effect.type === 'child' || effect.type === 'stopChild' || effect.type === 'tell')
        world.errands.push({ player, errand: effect })
    }
  }
  return true
}

function run(world: World, player: Player, errand: Errand | Emission): boolean {
  const { players } = world
  switch (errand.type) {
    case 'child': {
      const { runId, path, awaited, child, labels } = errand
      if (!players.has(runId)) {
        const input = valueOf(player.store, errand.input) as JsonObject
        const parent = { runId: player.runId, path, ...(awaited ? { awaited: true as const } : {}) }
        const { definition } = child
        join(world, { runId, prefix: childPrefix(world, player.prefix + path), definition, input, labels, parent })
      }
      return tell(world, player, { type: 'child', runId, outcome: { kind: 'created' } })
    }
    case 'stopChild': {
      const { runId, reason, force } = errand
      deliver(world, players.get(runId), {
        id: `segno.cancel.${String(force)}`,
        name: 'segno.cancel',
        payload: { reason, force },
      })
      return true
    }
    case 'tell': {
      const { outcome } = errand
      const output = outcome.status === 'completed' ? { output: valueOf(player.store, outcome.output) } : {}
      const payload = { ...outcome, ...output, runId: player.runId } as unknown as Json
      deliver(world, players.get(errand.runId), { id: player.runId, name: 'segno.child', payload })
      return tell(world, player, { type: 'told' })
    }
    case 'emit': {
      const { path, attempt, key } = errand
      const { signal, data, to } = errand.input as {
        readonly signal: string
        readonly data?: Json
        readonly to: string
      }
      const receiver = players.get(to)
      if (receiver === undefined || isTerminal(receiver.state)) {
        const message = `the run ${to} does not exist, or has ended`
        const outcome = { kind: 'failed', failure: { code: 'SIGNAL_UNDELIVERED', message, retryable: false } } as const
        return tell(world, player, { type: 'settled', path, attempt, outcome })
      }
      deliver(world, receiver, { id: key, name: signal, payload: data ?? null, sender: player.runId })
      return tell(world, player, { type: 'settled', path, attempt, outcome: { kind: 'completed' } })
    }
    default:
      return errand satisfies never
  }
}

// A step that is tried again starts another run: `ship/`, then `ship~2/`.
function childPrefix({ players }: World, path: string): string {
  const taken = new Set([...players.values()].map(({ prefix }) => prefix))
  for (let attempt = 1; ; attempt++) {
    const prefix = attempt === 1 ? `${path}/` : `${path}~${attempt}/`
    if (!taken.has(prefix)) return prefix
  }
}

// An inbox takes a message of the same id once.
function deliver({ now }: World, player: Player | undefined, message: Message): void {
  if (player === undefined || isTerminal(player.state) || player.delivered.has(message.id)) return
  player.delivered.add(message.id)
  const later = player.messages.findIndex(({ deliveredAt }) => deliveredAt > now)
  const place = later < 0 ? player.messages.length : later
  player.messages.splice(place, 0, { ...message, n: 0, deliveredAt: now })
}

function tell(world: World, player: Player, input: Input): boolean {
  const { state, store } = player
  const { now, token, plans } = world
  // No value stays at hand, so that every one that is needed has to be asked for.
  const blobs = new Map<string, Json>()
  for (;;) {
    const decision = decide(player.plan, state, input, { now, token, seed: state.seq, blobs, plans })
    const migrated = decision.events.findLast(({ type }) => type === 'plan.migrated')
    const known = migrated === undefined ? undefined : plans.get(state.planHash)
    if (known !== undefined && 'plan' in known) player.plan = known.plan
    record(world, player, decision)
    if (decision.need.length === 0) return true
    for (const ref of decision.need) blobs.set(ref.sha256, valueOf(store, new Held(ref)))
  }
}

function record(world: Omit<World, 'main'>, player: Player, decision: Decision): void {
  const { state, handlers, events, store } = player
  for (const { sha256, text } of decision.blobs) store.set(sha256, text)
  events.push(...decision.events)
  const { added, removed } = changes(state)
  for (const { path, attempt } of removed) handlers.forget(path, attempt)
  for (const effect of added) {
    if (effect.type === 'attempt') perform(world, player, effect)
    else if (effect.type === 'abort') handlers.abort(effect.path, effect.attempt, world.now)
    else if (effect.type === 'child' || effect.type === 'stopChild' || effect.type === 'tell')
      world.errands.push({ player, errand: effect })
  }
}

// A signal to another run is sent at once: no script has a say in it.
function perform(world: Omit<World, 'main'>, player: Player, effect: Extract<Effect, { type: 'attempt' }>): void {
  const input = valueOf(player.store, effect.input)
  if (effect.node.handler !== 'emit') return player.handlers.perform(effect, input, world.now)
  const { path, attempt, key } = effect
  world.errands.push({ player, errand: { type: 'emit', path, attempt, key, input } })
}

function valueOf(store: ReadonlyMap<string, string>, kept: Kept): Json {
  if (!(kept instanceof Held)) return kept
  const text = store.get(kept.ref.sha256)
  if (text === undefined) throw new SegnoError('JOURNAL_CORRUPT', `the value ${kept.ref.sha256} was never stored`)
  return JSON.parse(text) as Json
}

function resultOf({ fixture, main, players }: World): FixtureRun {
  const { state, events, store } = main
  const calls: Record<string, number> = {}
  for (const { handlers } of players.values()) Object.assign(calls, handlers.calls)
  return {
    events,
    status: runStatus(state),
    output: state.output === undefined ? undefined : valueOf(store, state.output),
    failure: state.failure,
    blobs: Object.fromEntries(store),
    effects: calls,
    problems: [
      ...[...players.values()].flatMap(({ handlers }) => handlers.problems),
      ...unusedAttempts(fixture, calls),
    ],
  }
}
