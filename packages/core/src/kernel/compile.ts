import { parseDuration, planHash } from '@segno/schema/plan'
import type { Definition, Retried, Step, Undo } from '@segno/schema/plan'
import { SegnoError } from '../error.ts'
import { compileVerb } from './compile-verb.ts'
import type { Compiler, Draft } from './compiler.ts'
import { duration, expression, optionalTemplate, retry, unchecked } from './compile-value.ts'
import type { CallNode, Plan, PlanList, PlanNode, PlanOutput, UndoNode, WorkflowNode } from './plan.ts'
import { markOutputsRead } from './reads.ts'
import { noSettings, settingsWithin } from './work.ts'

const stepsMaxDefault = 100_000
/** A plan holds each called workflow as often as it is called. */
const nodesMax = 100_000
/** A process always has a time limit, and so has a request. A handler may have any name. */
const timeoutDefaults: ReadonlyMap<string, string> = new Map([
  ['exec', '15m'],
  ['run', '15m'],
  ['http', '1m'],
])

/**
 * Compiles a normalised definition. Deterministic and without checks of its
 * own: a definition that `checkDefinition` accepts compiles; another may throw
 * `DEFINITION_INVALID`.
 */
export function compile(definition: Definition, hash = planHash(definition)): Plan {
  const compiler: Compiler = {
    nodes: [],
    lists: 0,
    unit: { definition, byId: new Map(), outputs: [] },
    handlers: new Set(),
    secrets: new Set(definition.secrets),
    settings: noSettings,
    depth: 0,
    list: (owner, role, steps) => compileList(compiler, owner, role, steps),
    called: (node, called) => compileCalled(compiler, node, called),
  }
  const root = compileRoot(compiler)
  markOutputsRead(compiler.nodes)
  const { limits } = definition
  return {
    hash,
    definition,
    root,
    nodes: compiler.nodes,
    stepsMax: limits?.steps ?? stepsMaxDefault,
    durationMs: limits?.duration === undefined ? undefined : constantDuration(limits.duration),
    handlers: compiler.handlers,
    secrets: [...compiler.secrets],
  }
}

function compileRoot(compiler: Compiler): WorkflowNode {
  const draft = baseOf(compiler, '', undefined, 0)
  draft['kind'] = 'workflow'
  const root = register(compiler, draft)
  Object.assign(draft, compileUnit(compiler, root))
  return root as WorkflowNode
}

/** The inside of a node that is a workflow: its lists, and what it gives. */
function compileUnit(compiler: Compiler, node: PlanNode): Pick<CallNode, 'unit' | 'body' | 'finally'> {
  const { unit } = compiler
  const { definition, outputs } = unit
  const body = compileList(compiler, node, 'do', definition.steps)
  const last = definition.finally && compileList(compiler, node, 'finally', definition.finally)
  for (const [name, property] of Object.entries(definition.output ?? {})) outputs.push(compileOutput(name, property))
  return { unit, body, finally: last }
}

/** The inside of a node that calls a workflow. Nothing of the caller reaches in. */
function compileCalled(
  compiler: Compiler,
  node: PlanNode,
  definition: Definition,
): Pick<CallNode, 'unit' | 'body' | 'finally'> {
  const { unit, settings } = compiler
  compiler.unit = { definition, byId: new Map(), outputs: [] }
  compiler.settings = noSettings
  for (const name of definition.secrets ?? []) compiler.secrets.add(name)
  const compiled = compileUnit(compiler, node)
  compiler.unit = unit
  compiler.settings = settings
  return compiled
}

function register(compiler: Compiler, draft: Draft): PlanNode {
  const node = draft as unknown as PlanNode
  if (compiler.nodes.length >= nodesMax) {
    const message = `The workflow has more than ${nodesMax} steps, those of the workflows that it calls counted with each call`
    throw new SegnoError('DEFINITION_INVALID', message)
  }
  compiler.nodes.push(node)
  return node
}

function baseOf(compiler: Compiler, id: string, list: PlanList | undefined, position: number): Draft {
  return {
    index: compiler.nodes.length,
    id,
    list,
    position,
    condition: undefined,
    onFailure: 'fail',
    retry: undefined,
    timeout: undefined,
    output: undefined,
    outputRead: false,
    lists: [],
    undo: undefined,
  }
}

function compileList(compiler: Compiler, owner: PlanNode, role: string, steps: readonly Step[]): PlanList {
  const { unit } = compiler
  const list: PlanList = { index: compiler.lists++, owner, unit, role, nodes: [], byId: new Map() }
  owner.lists.push(list)
  compiler.depth++
  steps.forEach((step, position) => {
    const node = compileStep(compiler, step, list, position)
    list.nodes.push(node)
    list.byId.set(node.id, node)
    unit.byId.set(node.id, node)
  })
  compiler.depth--
  return list
}

function compileStep(compiler: Compiler, step: Step, list: PlanList, position: number): PlanNode {
  const { draft, node } = compileNode(compiler, step, baseOf(compiler, step.id, list, position))
  const { onFailure, undo } = step as Retried
  if (onFailure !== undefined) draft['onFailure'] = onFailure
  if (undo !== undefined) draft['undo'] = compileUndo(compiler, undo)
  return node
}

// It stands in no list: which step it takes back, and when, is known only in a run. What it cannot do needs an operator.
function compileUndo(compiler: Compiler, undo: Undo): UndoNode {
  const { draft, node } = compileNode(compiler, undo as Step, baseOf(compiler, '', undefined, 0))
  draft['onFailure'] = 'block'
  return node as UndoNode
}

function compileNode(compiler: Compiler, step: Step, draft: Draft): { readonly draft: Draft; readonly node: PlanNode } {
  const node = register(compiler, draft)
  const outer = compiler.settings
  compiler.settings = settingsWithin(outer, step, compiler.depth)
  const { kind, ...verb } = compileVerb(compiler, step, node)
  compiler.settings = outer
  if (kind !== 'if' && step.if !== undefined) draft['condition'] = expression(step.if)
  const own = step as Retried
  const hasDefaults = kind === 'work' && !('watch' in step || 'emit' in step)
  const defaults = hasDefaults ? compiler.unit.definition.defaults : undefined
  const timeout = own.timeout ?? defaults?.timeout ?? timeoutDefaults.get(String(verb['handler']))
  if (timeout !== undefined) draft['timeout'] = duration(timeout)
  const policy = own.retry ?? defaults?.retry
  if (policy !== undefined) draft['retry'] = retry(policy)
  Object.assign(draft, { kind, ...verb })
  return { draft, node }
}

function compileOutput(name: string, property: NonNullable<Definition['output']>[string]): PlanOutput {
  const { value, ...schema } = property
  return { name, schema, value: optionalTemplate(value) }
}

function constantDuration(value: string): number {
  const ms = parseDuration(value)
  if (ms === undefined) throw unchecked(`the duration "${value}"`)
  return ms
}
