import type { Failure, Json } from '@segno/schema/plan'
import fc from 'fast-check'
import type { AttemptOutcome } from '../../src/kernel/decide.ts'
import { measure } from '../../src/kernel/kept.ts'
import { runStatus } from '../../src/kernel/outstanding.ts'
import type { World } from './world.ts'

/** Something that happens to a run. What does not apply to it at the time does nothing. */
export type Move =
  | {
      readonly type: 'settle'
      readonly pick: number
      readonly outcome: 'completed' | 'big' | 'failed' | 'final' | 'impossible'
    }
  | { readonly type: 'wake' | 'reload' | 'pause' | 'resume' | 'retry' | 'raise' | 'unknown' }
  | {
      readonly type: 'child'
      readonly pick: number
      readonly how: 'completed' | 'failed' | 'cancelled' | 'refused'
    }
  | { readonly type: 'answer'; readonly pick: number; readonly choice: 'yes' | 'perhaps' }
  | { readonly type: 'pass'; readonly ms: number }
  | { readonly type: 'signal'; readonly name: 'red' | 'green'; readonly ok: boolean }
  | { readonly type: 'crash'; readonly withSnapshot: boolean }
  | { readonly type: 'cancel'; readonly force: boolean }
  /** An operator ends a step, or has one that failed done again. */
  | { readonly type: 'skip' | 'override' | 'redo'; readonly pick: number; readonly how: boolean }

/** What may happen to a run, most of it ordinary. */
export const scripts: fc.Arbitrary<Move[]> = fc.array(
  fc.oneof(
    {
      weight: 12,
      arbitrary: fc.record({
        type: fc.constant('settle' as const),
        pick: fc.nat({ max: 5 }),
        outcome: fc.constantFrom(
          'completed',
          'completed',
          'completed',
          'failed',
          'failed',
          'final',
          'big',
          'impossible',
        ),
      }) as fc.Arbitrary<Move>,
    },
    { weight: 4, arbitrary: fc.constant<Move>({ type: 'wake' }) },
    {
      weight: 1,
      arbitrary: fc.record({ type: fc.constant('pass' as const), ms: fc.constantFrom(0, 500, 1000, 6000) }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        type: fc.constant('signal' as const),
        name: fc.constantFrom('red' as const, 'green' as const),
        ok: fc.boolean(),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        type: fc.constant('child' as const),
        pick: fc.nat({ max: 5 }),
        how: fc.constantFrom('completed' as const, 'failed' as const, 'cancelled' as const, 'refused' as const),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        type: fc.constant('answer' as const),
        pick: fc.nat({ max: 5 }),
        choice: fc.constantFrom('yes' as const, 'perhaps' as const),
      }),
    },
    { weight: 2, arbitrary: fc.record({ type: fc.constant('crash' as const), withSnapshot: fc.boolean() }) },
    { weight: 1, arbitrary: fc.record({ type: fc.constant('cancel' as const), force: fc.boolean() }) },
    {
      weight: 4,
      arbitrary: fc.record({
        type: fc.constantFrom('skip' as const, 'override' as const, 'redo' as const, 'redo' as const),
        pick: fc.nat({ max: 5 }),
        how: fc.boolean(),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.constantFrom<Move>(
        { type: 'reload' },
        { type: 'pause' },
        { type: 'resume' },
        { type: 'resume' },
        { type: 'retry' },
        { type: 'raise' },
        { type: 'unknown' },
      ),
    },
  ),
  { maxLength: 25 },
)

const failure: Failure = { code: 'OOPS', message: 'no luck', retryable: true }
const bigText: Json = 'x'.repeat(17_000)

/** What a handler gives. */
export function outcomeOf(kind: 'completed' | 'big' | 'failed' | 'final' | 'impossible'): AttemptOutcome {
  switch (kind) {
    case 'completed':
      return { kind, output: { ok: true } }
    case 'big': {
      const measured = measure(bigText)
      if (!('blob' in measured)) throw new Error('the value was to be big')
      return { kind: 'completed', outputBlob: measured.blob }
    }
    case 'failed':
      return { kind, failure }
    case 'final':
      return { kind: 'failed', failure: { ...failure, code: 'BROKEN', retryable: false } }
    case 'impossible':
      return { kind, failure: { code: 'HANDLER_MISSING', message: 'no such handler', retryable: false } }
    default:
      return kind satisfies never
  }
}

export function play(world: World, moves: readonly Move[]): void {
  for (const move of moves) if (!world.isOver) playOne(world, move)
}

function playOne(world: World, move: Move): void {
  switch (move.type) {
    case 'settle': {
      const attempts = world.attempts()
      const attempt = attempts[move.pick % Math.max(attempts.length, 1)]
      if (attempt !== undefined) world.settle(attempt, outcomeOf(move.outcome))
      return
    }
    case 'child': {
      const children = world.children()
      const child = children[move.pick % Math.max(children.length, 1)]
      if (child !== undefined) world.moveChild(child, move.how)
      return
    }
    case 'answer': {
      const questions = world.questions()
      const question = questions[move.pick % Math.max(questions.length, 1)]
      if (question !== undefined) world.answer(question, move.choice)
      return
    }
    case 'wake':
      world.wake()
      return
    case 'pass':
      world.pass(move.ms)
      return
    case 'signal':
      world.send(move.name, { ok: move.ok })
      return
    case 'crash':
      world.crash(move.withSnapshot)
      return
    case 'reload':
      return world.reload()
    case 'raise':
      world.send('segno.raise', { steps: 1000, durationMs: 1_000_000_000, transitions: 20 })
      return
    case 'cancel':
      world.send('segno.cancel', { force: move.force })
      return
    case 'skip':
    case 'override': {
      const open = [...world.state.steps.keys()]
      const path = open[move.pick % Math.max(open.length, 1)]
      const output = move.how ? bigText : { choice: 'yes', given: true }
      if (path !== undefined) world.send(`segno.${move.type}`, { path, output })
      return
    }
    case 'redo': {
      const failed = failedPaths(world)
      const path = failed[move.pick % Math.max(failed.length, 1)]
      if (path !== undefined) world.send('segno.retry', { path, downstream: move.how })
      return
    }
    case 'pause':
    case 'resume':
    case 'retry':
    case 'unknown':
      world.send(`segno.${move.type}`)
      return
    default:
      move satisfies never
  }
}

/** The steps that have failed in lists that are still open, and the items. */
export function failedPaths({ state }: World): string[] {
  const steps = [...state.frames.values()].flat().flatMap((frame) => frame.steps)
  const failed = steps.flatMap((step) => (step?.status === 'failed' ? [step.path] : []))
  const items = [...state.steps.values()].flatMap(({ path, block }) =>
    [...(block?.failed ?? [])].map((index) => `${path}[${index}]`),
  )
  return [...failed, ...items]
}

/**
 * Plays a run to its end with handlers that succeed, signals for every wait,
 * and an operator who helps for a while and then gives up. Handlers that
 * are told to stop do so, unless they are `deaf`.
 */
export function finish(world: World, deaf = false): void {
  for (let rounds = 0; !world.isOver; rounds++) {
    if (rounds > 2000) throw new Error(`the run does not end: ${runStatus(world.state)}`)
    const attempt = world.attempts().find(({ path, attempt: n }) => !deaf || !world.known.has(`abort:${path}#${n}`))
    const [child] = world.children()
    const [question] = world.questions()
    if (attempt !== undefined) world.settle(attempt, outcomeOf('completed'))
    else if (child !== undefined) world.moveChild(child, 'completed')
    else if (question !== undefined) world.answer(question, 'yes')
    else if (!world.wake()) help(world, rounds)
  }
}

function help(world: World, rounds: number): void {
  const status = runStatus(world.state)
  const names = [...world.state.waiters.keys()]
  const waiting = names[rounds % Math.max(names.length, 1)]
  if (rounds > 500) world.send('segno.cancel', { force: true })
  else if (status === 'paused') world.send('segno.resume')
  else if (world.state.blocked?.code === 'LIMIT_EXCEEDED') limitReached(world, rounds)
  else if (waiting !== undefined) world.send(waiting, { ok: true })
  else world.send('segno.retry')
}

// A machine that goes in a circle would be raised for ever.
function limitReached(world: World, rounds: number): void {
  if (rounds > 200) world.send('segno.cancel', { force: true })
  else world.send('segno.raise', { steps: 100_000, transitions: 20 })
}
