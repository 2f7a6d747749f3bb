import { isJsonObject } from '@segno/schema/plan'
import type { RunEvent } from '@segno/schema/plan'
import { evolve } from '../kernel/evolve.ts'
import { statusOf, wakeAt } from '../kernel/outstanding.ts'
import { restore, snapshotFormat } from '../kernel/snapshot.ts'
import { emptyState } from '../kernel/state.ts'
import type { Plan, PlanNode } from '../kernel/plan.ts'
import type { RunState } from '../kernel/state.ts'
import { view } from '../kernel/view.ts'
import { isTerminal } from '../ports/batch.ts'
import { expectEqual, expectThat, LawBroken } from './expectation.ts'
import type { Law } from './law.ts'
import { planAt } from './run-history.ts'
import type { RunHistory } from './run-history.ts'

/** What holds of every run, whatever happened to the processes that drove it. */
export const runLaws: readonly Law<RunHistory>[] = [
  {
    name: 'an acknowledged event is never lost or altered, and events are numbered without a gap',
    async holds({ events, acked }) {
      events.forEach((event, index) => expectEqual(event.seq, index + 1, 'the number of an event'))
      for (const batch of acked) {
        for (const event of batch.events) expectEqual(events[event.seq - 1], event, `event ${event.seq} of the journal`)
      }
    },
  },
  {
    name: 'a step succeeds once, and nothing follows the end of a run',
    async holds({ events }) {
      const completed = new Set<string>()
      for (const event of events) {
        // A block that an operator has had done again keeps its path.
        if (event.type === 'operator.acted') for (const path of event.again ?? []) completed.delete(path)
        if (event.type !== 'step.completed') continue
        expectThat(!completed.has(event.path), `"${event.path}" succeeded a second time at ${event.seq}`)
        completed.add(event.path)
      }
      const end = events.findIndex((event) => isEnd(event))
      expectThat(end === -1 || end === events.length - 1, `the run ended at ${end + 1} of ${events.length}`)
    },
  },
  {
    name: 'only the holder of the lease appends, and tokens never decrease',
    async holds({ events, acked }) {
      for (const { held, events: batch } of acked) {
        expectThat(held, `the batch at ${batch[0]?.seq} was written by a holder of an old lease`)
      }
      let newest = 0
      for (const event of events) {
        if (event.type !== 'attempt.started' && event.type !== 'run.adopted') continue
        expectThat(event.token >= newest, `event ${event.seq} has token ${event.token} after ${newest}`)
        newest = event.token
      }
    },
  },
  {
    name: 'a timer never fires before its time by the store’s clock, and no event is dated ahead of it',
    async holds({ acked }) {
      const due = new Map<string, number>()
      for (const { events, at } of acked) {
        for (const event of events) {
          expectThat(event.at <= at, `event ${event.seq} is dated ${event.at}, written at ${at}`)
          const ended = timerEndedBy(event)
          const wanted = ended === undefined ? undefined : due.get(ended)
          expectThat((wanted ?? 0) <= at, `the timer ${ended} for ${wanted} fired at ${at}`)
          for (const [timer, instant] of timersSetBy(event)) due.set(timer, instant)
        }
      }
    },
  },
  {
    name: 'a step that has succeeded is never performed again',
    async holds({ events, calls, leasesEndEarly = false, committedLate }) {
      // A commit that lands late cannot be known when its attempt is made again, and refuses what that one does.
      const succeededAt = new Map(
        events.flatMap((event) =>
          event.type === 'step.completed' && committedLate?.has(event.seq) !== true ? [[event.path, event.seq]] : [],
        ),
      )
      for (const { path, attempt, head } of calls) {
        // Its holder had its answer late, and could not know that the store had taken the lease from it.
        if (leasesEndEarly && isLost(events, path, attempt)) continue
        expectThat(
          head < (succeededAt.get(path) ?? Number.POSITIVE_INFINITY),
          `"${path}" succeeded, and attempt ${attempt} was made`,
        )
      }
    },
  },
  {
    name: 'an attempt is in the journal before its handler is called, and the handler is called for it once',
    async holds({ events, calls }) {
      const startedAt = new Map<string, number>()
      const undone = new Set<string>()
      for (const event of events) {
        if (event.type !== 'attempt.started') continue
        startedAt.set(`${event.path}#${event.attempt}`, event.seq)
        // What a transaction did that was not committed did not happen: the attempt is made anew.
        if (event.effect === 'tx') undone.add(`${event.path}#${event.attempt}`)
      }
      const made = new Set<string>()
      for (const { path, attempt, head } of calls) {
        const name = `${path}#${attempt}`
        expectThat(!made.has(name) || undone.has(name), `attempt ${attempt} of "${path}" was made twice`)
        expectThat(
          (startedAt.get(name) ?? Number.POSITIVE_INFINITY) <= head,
          `attempt ${attempt} of "${path}" was not in the journal`,
        )
        made.add(name)
      }
    },
  },
  {
    name: 'all attempts of a step carry one idempotency key, and no other step has it unless the author gave it',
    async holds({ plan, calls, events }) {
      const keys = new Map<string, string>()
      const named = [...calls, ...events.filter((event) => event.type === 'attempt.started')]
      for (const { path, key } of named) {
        expectEqual(key, keys.get(path) ?? key, `the key of "${path}"`)
        keys.set(path, key)
      }
      const given = withKeys(plan)
      const own = [...keys].filter(([path]) => !given.has(path.slice(path.lastIndexOf('/') + 1).replace(/~\d+/g, '')))
      expectEqual(new Set(own.map(([, key]) => key)).size, own.length, 'the number of keys')
    },
  },
  {
    name: 'a `once` handler is never called while the outcome of a call before is unknown',
    async holds({ events, calls, once }) {
      for (const path of new Set(calls.map((call) => call.path))) {
        const attempts = calls.filter((call) => call.path === path)
        for (const [index, call] of attempts.entries()) {
          const before = attempts[index - 1]
          if (before === undefined || !once(path)) continue
          expectThat(
            isKnown(events.slice(0, call.head), path, before.attempt),
            `"${path}" was called again, though nobody knows what attempt ${before.attempt} did`,
          )
        }
      }
    },
  },
  {
    name: 'a message is taken in once, and every accepted one is, unless the run ends first',
    async holds({ events, accepted, unread, row }) {
      const taken = new Set<string>()
      for (const event of events) {
        const id = idOf(event, taken)
        if (id === undefined) continue
        expectThat(!taken.has(id), `message "${id}" was taken in twice`)
        taken.add(id)
        expectThat(accepted.has(id), `message "${id}" was taken in, and nobody sent it`)
      }
      if (isTerminal(row.status)) return
      expectEqual([unread, [...accepted].filter((id) => !taken.has(id))], [0, []], 'messages that were not taken in')
    },
  },
  {
    name: 'the row of a run says what its journal does',
    async holds(history) {
      const { events, row } = history
      const state = fold(history, emptyState(), events)
      const told = { status: row.status, wakeAt: row.wakeAt, head: row.head }
      expectEqual(told, { status: statusOf(state), wakeAt: wakeAt(state), head: events.length }, 'the row')
    },
  },
  {
    name: 'a snapshot with its tail folds to what the whole journal does',
    async holds(history) {
      const { plan, plans, events, snapshot } = history
      if (snapshot?.format !== snapshotFormat) return
      const hash = isJsonObject(snapshot.state) ? snapshot.state['planHash'] : undefined
      const then = typeof hash === 'string' ? plans?.get(hash) : undefined
      const saved = fold(history, restore(then ?? plan, snapshot.state), events.slice(snapshot.seq))
      expectEqual(view(saved), view(fold(history, emptyState(), events)), 'the view')
    },
  },
]

/** Throws `LawBroken`, with the name of the law in front, where a run breaks one. */
export async function expectLawful(history: RunHistory): Promise<void> {
  for (const law of runLaws) await expectLaw(law, history)
}

/** Judges by one law; its name stands in front of what is wrong. */
export async function expectLaw<Subject>(law: Law<Subject>, subject: Subject): Promise<void> {
  try {
    await law.holds(subject)
  } catch (error) {
    throw new LawBroken(`${law.name}: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
  }
}

function fold(history: RunHistory, state: RunState, events: readonly RunEvent[]): RunState {
  for (const event of events) evolve(planAt(history, state, event), state, event)
  return state
}

function timersSetBy(event: RunEvent): readonly (readonly [timer: string, due: number])[] {
  switch (event.type) {
    case 'timer.set':
      return [[`${event.path} ${event.purpose}`, event.due]]
    case 'attempt.failed':
      return [[`${event.path}#${event.attempt + 1}`, event.retryAt]]
    case 'step.started':
    case 'attempt.started':
    case 'task.asked':
    case 'branch.taken':
      return event.deadline === undefined ? [] : [[`${event.path} timeout`, event.deadline]]
    default:
      return []
  }
}

// The names, in paths, of steps whose key is a value of the author's: others may have it too.
function withKeys({ nodes }: Plan): Set<string> {
  const hasKey = (node: PlanNode | undefined): boolean => node?.kind === 'work' && node.idempotencyKey !== undefined
  return new Set(
    nodes.flatMap((node) => [...(hasKey(node) ? [node.id] : []), ...(hasKey(node.undo) ? [`${node.id}.undo`] : [])]),
  )
}

function timerEndedBy(event: RunEvent): string | undefined {
  if (event.type === 'timer.fired') return `${event.path} ${event.purpose}`
  return event.type === 'attempt.started' ? `${event.path}#${event.attempt}` : undefined
}

// What is known of an attempt before `events` end: that it failed, or that an operator let the step run again.
function isKnown(events: readonly RunEvent[], path: string, attempt: number): boolean {
  const start = events.findIndex(
    (event) => event.type === 'attempt.started' && event.path === path && event.attempt === attempt,
  )
  return events.slice(start + 1).some((event) => {
    if (event.type === 'attempt.failed') return event.path === path && event.attempt === attempt
    return event.type === 'operator.acted' && event.action === 'retry' && event.refused === undefined
  })
}

function isLost(events: readonly RunEvent[], path: string, attempt: number): boolean {
  return events.some((event) => event.type === 'attempt.lost' && event.path === path && event.attempt === attempt)
}

/** The message that an event takes in. */
function idOf(event: RunEvent, received: ReadonlySet<string>): string | undefined {
  switch (event.type) {
    case 'signal.received':
    case 'cancel.requested':
    case 'operator.acted':
    case 'plan.migrated':
    case 'task.answered':
      return event.id
    // A run tells how it ended under its own id. One that is gone tells nothing.
    case 'child.settled':
      return event.because?.code === 'RUN_UNKNOWN' ? undefined : event.child
    // One that was received may be ignored later, by the step that waits for it.
    case 'signal.ignored':
      return received.has(event.id) ? undefined : event.id
    default:
      return undefined
  }
}

function isEnd({ type }: RunEvent): boolean {
  return type === 'run.completed' || type === 'run.failed' || type === 'run.cancelled'
}
