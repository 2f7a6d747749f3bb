import type { CatchClause, DoStep, IfStep, ParallelStep, TryStep } from '../../definition.ts'
import type { Environment } from '../../type/environment.ts'
import { SiblingNeeds } from '../sibling-needs.ts'
import type { StepPlace } from '../walk.ts'
import { endOfBranches, mergedBranches } from './branches.ts'
import { declared } from './declared.ts'
import type { Flow, WalkedBlock, WalkedList } from './flow.ts'
import { walkForEach } from './for-each.ts'
import { listOf } from './list-of.ts'
import { walkMatch } from './match.ts'
import { NeededSteps } from './needed-steps.ts'
import { walkRepeat } from './repeat.ts'
import { walkStates } from './states.ts'
import {
  eitherOf,
  failureType,
  nothingGiven,
  stepStatuses,
  stepType,
  type KnownStep,
  type StepStatus,
} from './step-type.ts'

/** What comes of a block that begins. */
export function walkBlock(flow: Flow, place: StepPlace, at: Environment): WalkedBlock {
  const { step } = place
  if ('match' in step) return walkMatch(flow, place, step, at)
  if ('parallel' in step) return walkParallel(flow, place, step, at)
  if ('try' in step) return walkTry(flow, place, step, at)
  if ('states' in step) return walkStates(flow, place, step, at)
  if ('forEach' in step) return walkForEach(flow, place, step, at)
  if ('repeat' in step) return walkRepeat(flow, place, step, at)
  return 'if' in step && step.if !== undefined
    ? walkIf(flow, place, step as IfStep, at)
    : walkDo(flow, place, step as DoStep, at)
}

function walkDo(flow: Flow, place: StepPlace, { output }: DoStep, at: Environment): WalkedBlock {
  flow.fields(place, at)
  const walked = flow.list(listOf(place), at)
  const given = declared(flow, place.pointer, output, walked.after)
  return { after: walked.after.inside(at.scope), output: given ?? walked.output }
}

function walkIf(flow: Flow, place: StepPlace, step: IfStep, at: Environment): WalkedBlock {
  const { pointer } = place
  const { whenTrue, whenFalse } = flow.condition(`${pointer}/if`, step.if, at)
  flow.fields(place, at)
  const yes = flow.list(listOf(place, '/do'), whenTrue)
  const no: WalkedList =
    step.else === undefined
      ? { after: whenFalse, steps: new Map(), output: nothingGiven }
      : flow.list(listOf(place, '/else'), whenFalse)
  return endOfBranches(flow, place, [yes, no], { at, output: step.output })
}

function walkTry(flow: Flow, place: StepPlace, step: TryStep, at: Environment): WalkedBlock {
  const { pointer } = place
  flow.fields(place, at)
  const body = flow.list(listOf(place, '/try'), at)
  const clauses = (step.catch ?? []).map((clause, index) => walkClause(flow, place, { clause, index }, { body, at }))
  let isEnding = false
  if (step.finally !== undefined) {
    const tidied = flow.list(listOf(place, '/finally'), flow.inFinally(at, body.steps))
    isEnding = at.isPossible && !tidied.after.isPossible
  }
  const end = mergedBranches(flow, at, [body, ...clauses])
  const given = declared(flow, pointer, step.output, isEnding ? end.impossible() : end)
  const possible = [body, ...clauses].filter(({ after }) => after.isPossible)
  // What was proved before a step failed is not known after it.
  const after = end.isPossible && !isEnding ? at : at.impossible()
  return { after, output: given ?? eitherOf(possible.map((branch) => branch.output)) }
}

function walkClause(
  flow: Flow,
  place: StepPlace,
  { clause, index }: { readonly clause: CatchClause; readonly index: number },
  { body, at }: { readonly body: WalkedList; readonly at: Environment },
): WalkedList {
  const seen = flow.afterAll(at, body.steps, { [clause.as ?? 'error']: failureType(clause.on) })
  const walked = flow.list(listOf(place, `/catch/${index}/do`), seen)
  // The steps of `try` are seen from here on as they are seen in the clause.
  const steps = new Map([...body.steps].map(([id, known]) => [id, { ...known, statuses: new Set(stepStatuses) }]))
  return { ...walked, steps: new Map<string, KnownStep>([...steps, ...walked.steps]) }
}

function walkParallel(flow: Flow, place: StepPlace, step: ParallelStep, at: Environment): WalkedBlock {
  const { pointer } = place
  flow.fields(place, at)
  const list = listOf(place)
  const needs = new SiblingNeeds(step.parallel)
  const seen = new NeededSteps(needs)
  const known = new Map<string, KnownStep>()
  let isEnding = false
  for (const position of needs.inOrder()) {
    const found = list.places[position]
    if (found === undefined) continue
    const child = found.step
    const walked = flow.step(found, flow.within(at, seen.from(child.id)))
    known.set(child.id, walked.known)
    seen.add(child.id, walked.known)
    isEnding ||= at.isPossible && !walked.after.isPossible && (step.join ?? 'all') === 'all'
  }
  const types = new Map([...known].map(([id, child]) => [`steps.${id}`, stepType(child, endsOf(step, child))]))
  const end = flow.within(isEnding ? at.impossible() : at, types)
  const given = declared(flow, pointer, step.output, end)
  return { after: isEnding ? at.impossible() : at, output: given ?? nothingGiven }
}

// With another join, the block may be over before a child is.
function endsOf(step: ParallelStep, child: KnownStep): Iterable<StepStatus> {
  return (step.join ?? 'all') === 'all'
    ? child.statuses
    : new Set<StepStatus>([...child.statuses, 'failed', 'skipped', 'cancelled', 'pending'])
}
