import { isJsonObject } from '@segno/schema/plan'
import type { Because, Failure, Json } from '@segno/schema/plan'
import type { ParallelNode } from './plan.ts'
import { failureJson } from './scope.ts'
import { blockOf } from './state.ts'
import type { Ending, Frame, RunState, StepState } from './state.ts'
import { stopFrame } from './stop.ts'

/** Folds the end of one child into the list of a `parallel` block: what may start now, and whether the block is decided. */
export function childEndedInParallel(
  state: RunState,
  frame: Frame,
  child: StepState,
  { ending, at }: { readonly ending: Ending; readonly at: number },
): void {
  const node = frame.owner.node as ParallelNode
  frame.ended++
  if (child.status === 'completed') frame.succeeded++
  if (ending.kind === 'failed') blockOf(frame.owner).failures.push(ending.failure)
  const blocksOthers = ending.kind === 'failed' || frame.dead.has(child.node.position)
  for (const position of node.neededBy[child.node.position] ?? []) {
    if (blocksOthers) {
      frame.dead.add(position)
    } else {
      const unmet = (frame.unmet[position] ?? 0) - 1
      frame.unmet[position] = unmet
      const waits = frame.steps[position] === undefined
      if (unmet === 0 && waits && !frame.dead.has(position)) frame.ready.push(position)
    }
  }
  if (frame.ending !== undefined) return
  const decided = verdict(node, frame)
  if (decided !== undefined) stopFrame(state, frame, decided, { at, force: false })
}

/** Counts anew what has ended, and what may start, after some children were taken up again or came to the plan. */
export function recountParallel(frame: Frame): void {
  const { needs, body } = frame.owner.node as ParallelNode
  const ended = body.nodes.map(({ position }) => {
    const step = frame.steps[position]
    return step === undefined || frame.active.has(step) ? undefined : step
  })
  frame.ended = ended.filter((step) => step !== undefined).length
  frame.succeeded = ended.filter((step) => step?.status === 'completed').length
  const dead = new Set([...frame.dead].filter((position) => frame.steps[position] !== undefined))
  const fails = (position: number): boolean => {
    const step = ended[position]
    return dead.has(position) || (step?.status === 'failed' && step.node.onFailure !== 'continue')
  }
  for (let before = -1; before < dead.size;) {
    before = dead.size
    needs.forEach((needed, position) => {
      if (frame.steps[position] === undefined && needed.some(fails)) dead.add(position)
    })
  }
  frame.dead = dead
  // What has failed is never met.
  const isUnmet = (position: number): boolean => ended[position] === undefined || fails(position)
  frame.unmet = needs.map((needed) => needed.filter(isUnmet).length)
  const mayStart = (position: number): boolean =>
    frame.steps[position] === undefined && frame.unmet[position] === 0 && !dead.has(position)
  const before = frame.ready.slice(frame.readyAt).filter(mayStart)
  const others = body.nodes.map(({ position }) => position).filter((one) => mayStart(one) && !before.includes(one))
  frame.ready = [...before, ...others]
  frame.readyAt = 0
}

// How the block ends, as soon as that is certain (or, without `failFast`, when all have ended).
function verdict(node: ParallelNode, frame: Frame): Ending | undefined {
  const total = node.body.nodes.length
  const over = frame.ended === total
  const [first, ...others] = blockOf(frame.owner).failures
  if (node.join === 'all') {
    if (first === undefined || !(node.failFast || over)) return undefined
    return { kind: 'failed', failure: joined([first, ...others]) }
  }
  const needed = node.join === 'any' ? 1 : node.join.atLeast
  if (frame.succeeded >= needed) return { kind: 'completed' }
  const possible = frame.succeeded + total - frame.ended - pendingDead(frame)
  if (possible >= needed || !(node.failFast || over)) return undefined
  const failure = first === undefined ? unsatisfied(needed, frame.succeeded) : joined([first, ...others])
  return { kind: 'failed', failure }
}

function pendingDead(frame: Frame): number {
  let count = 0
  for (const position of frame.dead) if (frame.steps[position] === undefined) count++
  return count
}

/** The failure of a block whose children failed: the first one's, with the others in its details. */
export function joined([first, ...others]: readonly [Failure, ...Failure[]]): Failure {
  return others.length === 0 ? first : withDetail(first, 'others', others.map(failureJson))
}

/** Adds to the details of a failure or reason without losing what is there. */
export function withDetail<Told extends Failure | Because>(told: Told, name: string, value: Json): Told {
  const { details } = told
  const before = details === undefined ? {} : isJsonObject(details) ? details : { details }
  return { ...told, details: { ...before, [name]: value } }
}

function unsatisfied(needed: number, succeeded: number): Failure {
  return {
    code: 'JOIN_UNSATISFIED',
    message: `needs ${needed} children that succeed, and ${succeeded} did`,
    retryable: false,
  }
}
