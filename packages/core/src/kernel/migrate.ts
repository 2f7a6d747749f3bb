import { canonicalJson, resolveInputs } from '@segno/schema/plan'
import type { Json, JsonObject, JsonSchema, StepPath } from '@segno/schema/plan'
import { keepsResults } from './inside.ts'
import { Held } from './kept.ts'
import { stepMachine } from './life-cycle.ts'
import { outputProblem } from './output-problem.ts'
import type { ForEachNode, Plan, PlanList, PlanNode, RepeatNode } from './plan.ts'
import { runsTogether } from './frame.ts'
import { isSameWork } from './same-work.ts'
import type { BlockState, Frame, RunState, StepState } from './state.ts'
import { nodeOf } from './undo-path.ts'

/** Why a run cannot go on by another plan: what of it, and what stands against it. */
export interface Incompatibility {
  readonly code:
    | 'WORKFLOW_CHANGED'
    | 'INPUT_INVALID'
    | 'STEP_REMOVED'
    | 'STEP_CHANGED'
    | 'STEP_ADDED_EARLIER'
    | 'ORDER_CHANGED'
    | 'LIST_REMOVED'
    | 'BLOCK_CHANGED'
    | 'OUTPUT_NOT_KEPT'
    | 'OUTPUT_INVALID'
    | 'UNDO_CHANGED'
  /** The step; empty for the run itself. */
  readonly path: StepPath
  readonly message: string
}

/** What comes of putting a run on another plan. */
export type Migration = { readonly reasons: readonly Incompatibility[] } | { readonly input: JsonObject | undefined }

/**
 * Whether a run can go on by another plan: each step that it knows, under way
 * or ended, has to be there, of the same kind, with the same before it. Changes
 * nothing. `input` is that of the run with what the new plan adds to it.
 */
export function migrate(from: Plan, to: Plan, state: RunState): Migration {
  const finding: Finding = { to, reasons: [] }
  const { root } = state
  if (from.definition.name !== to.definition.name) {
    const message = `the run is of "${from.definition.name}", the plan of "${to.definition.name}"`
    against(finding, 'WORKFLOW_CHANGED', '', message)
  }
  const input = inputFor(finding, from, state)
  if (root?.block !== undefined) checkBlock(finding, root, root.block, to.root)
  checkChildren(finding, state)
  return finding.reasons.length > 0 ? { reasons: finding.reasons } : { input }
}

interface Finding {
  readonly to: Plan
  readonly reasons: Incompatibility[]
}

function against({ reasons }: Finding, code: Incompatibility['code'], path: StepPath, message: string): void {
  reasons.push({ code, path, message })
}

function inputFor(finding: Finding, from: Plan, { input }: RunState): JsonObject | undefined {
  const [before, now] = [from, finding.to].map(({ definition }) => canonicalJson((definition.input ?? {}) as Json))
  if (before === now) return undefined
  if (input instanceof Held) {
    against(finding, 'INPUT_INVALID', '', 'the declared inputs have changed, and that of the run is too large to check')
    return undefined
  }
  const resolved = resolveInputs(finding.to.definition, input)
  if ('values' in resolved) return canonicalJson(resolved.values) === canonicalJson(input) ? undefined : resolved.values
  for (const { message } of resolved.problems) against(finding, 'INPUT_INVALID', '', message)
  return undefined
}

function checkBlock(finding: Finding, step: StepState, block: BlockState, node: PlanNode): void {
  const { path } = step
  const old = step.node
  // Whoever comes here has seen that both are of one kind.
  if (old.kind === 'forEach') {
    if (old.collect !== (node as ForEachNode).collect) {
      against(finding, 'BLOCK_CHANGED', path, '`collect` has changed, and items are under way')
    }
    if (block.ended > 0 && !keepsResults(step) && keepsResults({ ...step, node })) {
      against(finding, 'OUTPUT_NOT_KEPT', path, 'what its items gave is read now, and was not kept')
    }
  } else if (old.kind === 'repeat' && (old.initial === undefined) !== ((node as RepeatNode).initial === undefined)) {
    against(finding, 'BLOCK_CHANGED', path, '`initial` has come or gone, and the loop is under way')
  }
  checkUndos(finding, block)
  for (const frame of [...block.frames, ...block.iterations.values()]) {
    const list = node.lists.find(({ role }) => role === frame.list.role)
    if (list === undefined) against(finding, 'LIST_REMOVED', path, `it has no \`${frame.list.role}\` any more`)
    else checkFrame(finding, frame, list)
  }
}

function checkUndos(finding: Finding, { undos, unwind }: Pick<BlockState, 'undos' | 'unwind'>): void {
  for (const { node, path } of [...undos, ...(unwind?.undoing ?? [])]) {
    if (!isSameWork(node, nodeOf(finding.to, path)))
      against(finding, 'UNDO_CHANGED', path, 'what takes it back is gone, or does something else')
  }
  for (const step of unwind?.active.values() ?? []) {
    const node = nodeOf(finding.to, step.path)
    if (step.block !== undefined && isSameWork(step.node, node)) checkBlock(finding, step, step.block, node)
  }
}

// A run that goes on by itself may have outlived the block that started it.
function checkChildren(finding: Finding, { children }: RunState): void {
  for (const { path } of children.values()) {
    if (nodeOf(finding.to, path)?.kind === 'start' || finding.reasons.some((reason) => reason.path === path)) continue
    against(finding, 'STEP_REMOVED', path, 'the step is not there any more, and the run that it started goes on')
  }
}

function checkFrame(finding: Finding, frame: Frame, list: PlanList): void {
  checkUndos(finding, frame)
  // Where the latest step that has begun stands now, and where it stood.
  let last = 0
  let stood = 0
  for (const step of frame.steps) {
    if (step === undefined) continue
    stood = step.node.position
    const node = list.byId.get(step.node.id)
    if (node === undefined) {
      against(finding, 'STEP_REMOVED', step.path, 'the step is not there any more')
      continue
    }
    if (node.position < last && !runsTogether(frame)) {
      against(finding, 'ORDER_CHANGED', step.path, 'it comes before a step that it came after')
    }
    last = Math.max(last, node.position)
    checkStep(finding, step, node)
  }
  // A loop and a machine may come to a list again that is over.
  const isOver = frame.closed && frame.ending === undefined && frame.index < 0
  if (runsTogether(frame) ? !isOver : frame.closed && !isOver) return
  for (const { id } of isOver ? list.nodes : list.nodes.slice(0, last)) {
    const before = frame.list.byId.get(id)
    if (before !== undefined && (isOver || before.position <= stood)) continue
    const where = isOver ? 'its list is over' : 'it comes before a step that has begun'
    against(finding, 'STEP_ADDED_EARLIER', frame.prefix + id, where)
  }
}

function checkStep(finding: Finding, step: StepState, node: PlanNode): void {
  const { path, status, output, block } = step
  const old = step.node
  if (old.kind !== node.kind) {
    return against(finding, 'STEP_CHANGED', path, `it was a ${old.kind} step, and is a ${node.kind} step now`)
  }
  if (stepMachine.isFinal(status)) {
    if (status !== 'completed') return
    if (node.outputRead && !old.outputRead) {
      against(finding, 'OUTPUT_NOT_KEPT', path, 'what it gave is read now, and was not kept')
    } else if (output !== undefined && schemaOf(node) !== schemaOf(old)) {
      const problem = output instanceof Held ? 'it is too large to check' : outputProblem(node, output)
      if (problem !== undefined) against(finding, 'OUTPUT_INVALID', path, `what it gave: ${problem}`)
    }
    return
  }
  if (block !== undefined) return checkBlock(finding, step, block, node)
  // One that is blocked may be put right: it is tried again as the new plan says.
  if (status !== 'blocked' && !isSameWork(old, node)) {
    against(finding, 'STEP_CHANGED', path, `it is ${status}, and does something else now`)
  }
}

function schemaOf(node: PlanNode): string {
  let schema: JsonSchema | undefined
  if (node.kind === 'work') schema = node.outputSchema
  else if (node.kind === 'waitFor') schema = node.schema
  return JSON.stringify(schema)
}
