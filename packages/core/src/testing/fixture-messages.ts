import { planHash } from '@segno/schema/plan'
import type { Json } from '@segno/schema/plan'
import type { Fixture, ScriptedCommand } from '@segno/schema'
import type { InboxMessage } from '../ports/storage.ts'
import { msOf } from './scripted-handlers.ts'

/** Which run a fixture is played as. */
export interface FixtureIdentity {
  readonly runId: string
  readonly incarnation: string
  /** When it is created. */
  readonly epoch: number
  /** Ids of messages to it, as they came: those of one instant come in this order. As listed unless given. */
  readonly order?: readonly string[]
  /** Failures with these codes say that nothing was tried, or nobody knows: what so fails is blocked. */
  readonly blocking?: ReadonlySet<string>
}

/** How the inbox calls an answer to what a step asks. */
export const answerName = 'segno.answer'

/** What a fixture sends to the run whose paths begin like this. An inbox takes a message of the same id once. */
export function fixtureMessages(fixture: Fixture, identity: FixtureIdentity, prefix: string): InboxMessage[] {
  const { signals = [], answers = [], commands = [], plans = {} } = fixture
  const instantOf = (duration: string): number => identity.epoch + msOf(duration)
  const places = new Map((identity.order ?? []).map((id, place) => [id, place]))
  const placeOf = (id: string): number => places.get(id) ?? places.size
  const isHere = ({ run }: { readonly run?: string }): boolean => (run === undefined ? '' : `${run}/`) === prefix
  const messages = [
    ...signals
      .filter(isHere)
      .map(({ at, id, name, data }) => ({ id, name, payload: data ?? null, deliveredAt: instantOf(at) })),
    ...answers.filter(isHere).map(({ at, id, by, run: _run, ...payload }) => ({
      ...{ id, name: answerName, payload: payload as unknown as Json, deliveredAt: instantOf(at) },
      ...(by === undefined ? {} : { sender: by }),
    })),
    ...commands.filter(isHere).map((command) => ({
      id: command.id,
      name: `segno.${command.command}`,
      payload: payloadOf(command, plans),
      deliveredAt: instantOf(command.at),
    })),
  ].toSorted((one, other) => one.deliveredAt - other.deliveredAt || placeOf(one.id) - placeOf(other.id))
  const first = new Map(messages.toReversed().map((message) => [message.id, message]))
  return messages.filter((message) => first.get(message.id) === message).map((message, n) => ({ ...message, n: n + 1 }))
}

function payloadOf(command: ScriptedCommand, plans: NonNullable<Fixture['plans']>): Json {
  const { reason, force, path, steps, duration, transitions, downstream, output, plan = '' } = command
  const definition = plans[plan]
  return {
    ...(definition === undefined ? {} : { plan: planHash(definition) }),
    ...(downstream === undefined ? {} : { downstream }),
    ...(output === undefined ? {} : { output }),
    ...(reason === undefined ? {} : { reason }),
    ...(force === undefined ? {} : { force }),
    ...(path === undefined ? {} : { path }),
    ...(steps === undefined ? {} : { steps }),
    ...(transitions === undefined ? {} : { transitions }),
    ...(duration === undefined ? {} : { durationMs: msOf(duration) }),
  }
}
