import type { Json } from '../../json.ts'
import type { Environment } from '../../type/environment.ts'
import type { Type } from '../../type/type.ts'
import { union } from '../../type/union.ts'
import type { StepPlace } from '../walk.ts'
import { declared } from './declared.ts'
import type { Flow, WalkedBlock, WalkedList } from './flow.ts'
import { eitherOf, stepType, type KnownStep } from './step-type.ts'

/** The end of a block that runs one of several lists. */
export function endOfBranches(
  flow: Flow,
  { pointer }: StepPlace,
  branches: readonly WalkedList[],
  { at, output }: { readonly at: Environment; readonly output: Json | undefined },
): WalkedBlock {
  const end = mergedBranches(flow, at, branches)
  const given = declared(flow, pointer, output, end)
  const possible = branches.filter(({ after }) => after.isPossible)
  return { after: end.inside(at.scope), output: given ?? eitherOf(possible.map((branch) => branch.output)) }
}

/**
 * What is known once one of several lists has come to its end, with the steps of
 * all of them: those of the others have not run.
 */
export function mergedBranches(flow: Flow, at: Environment, branches: readonly WalkedList[]): Environment {
  const possible = branches.filter(({ after }) => after.isPossible)
  const known = new Map<string, KnownStep>(branches.flatMap(({ steps }) => [...steps]))
  const types = new Map<string, Type>()
  for (const [id, step] of known) {
    const ways = possible.map((branch) => {
      const own = branch.steps.get(id)
      return own ? stepType(own, own.statuses) : stepType(step, ['pending'])
    })
    types.set(`steps.${id}`, union(ways))
  }
  const outer = possible.map(({ after }) => after.inside(at.scope))
  const [first, ...others] = outer
  if (first === undefined) return flow.within(at.impossible(), types)
  return flow.within(
    others.reduce((one, other) => one.or(other), first),
    types,
  )
}
