import { kindOf, parseDuration, parseExpression, parseTemplate, planHash, stripMarks } from '@segno/schema/plan'
import type {
  CatchClause,
  Definition,
  Duration,
  Expression,
  ForEachStep,
  Json,
  MatchStep,
  OutputProperty,
  ParallelStep,
  RepeatStep,
  Retry,
  Step,
  Template,
  TryStep,
} from '@segno/schema/plan'
import { SegnoError } from '../error.ts'
import type { CatchPlan, Plan, PlanDuration, PlanList, PlanNode, PlanOutput, PlanRetry, WorkflowNode } from './plan.ts'
import { markOutputsRead } from './reads.ts'
import { noSettings, settingsWithin, workOf } from './work.ts'
import type { Settings } from './work.ts'

const stepsMaxDefault = 100_000
const hourMs = 3_600_000
/** A process always has a time limit. */
const processTimeout = '15m'

/**
 * Compiles a normalised definition. Deterministic and without checks of its
 * own: a definition that `checkDefinition` accepts compiles; another may throw
 * `DEFINITION_INVALID`.
 */
export function compile(definition: Definition, hash = planHash(definition)): Plan {
  const compiler: Compiler = {
    definition,
    nodes: [],
    lists: 0,
    byId: new Map(),
    handlers: new Set(),
    settings: noSettings,
    depth: 0,
  }
  const root = compileRoot(compiler)
  const outputs = Object.entries(definition.output ?? {}).map(([name, property]) => compileOutput(name, property))
  markOutputsRead(compiler.nodes, compiler.byId, outputs)
  const { limits } = definition
  return {
    hash,
    definition,
    root,
    nodes: compiler.nodes,
    byId: compiler.byId,
    outputs,
    stepsMax: limits?.steps ?? stepsMaxDefault,
    durationMs: limits?.duration === undefined ? undefined : constantDuration(limits.duration),
    handlers: compiler.handlers,
    secrets: definition.secrets ?? [],
  }
}

interface Compiler {
  readonly definition: Definition
  readonly nodes: PlanNode[]
  lists: number
  readonly byId: Map<string, PlanNode>
  readonly handlers: Set<string>
  /** What the blocks around the step at hand hand down to it. */
  settings: Settings
  /** How many lists the step at hand is in. */
  depth: number
}

function compileRoot(compiler: Compiler): WorkflowNode {
  const lists: PlanList[] = []
  const draft: Draft = {
    ...baseOf(compiler, '', undefined, 0),
    kind: 'workflow',
    lists,
    body: undefined,
    finally: undefined,
  }
  const root = register(compiler, draft)
  draft['body'] = compileList(compiler, root, 'do', compiler.definition.steps)
  draft['finally'] = optionalList(compiler, root, 'finally', compiler.definition.finally)
  return root as WorkflowNode
}

// A node is built in two strokes, because its lists name it as their owner.
interface Draft {
  [field: string]: unknown
}

function register(compiler: Compiler, draft: Draft): PlanNode {
  const node = draft as unknown as PlanNode
  compiler.nodes.push(node)
  return node
}

function baseOf(compiler: Compiler, id: string, list: PlanList | undefined, position: number): Draft {
  return {
    index: compiler.nodes.length,
    id,
    kind: '',
    list,
    position,
    condition: undefined,
    onFailure: 'fail',
    retry: undefined,
    timeout: undefined,
    output: undefined,
    outputRead: false,
    lists: [],
  }
}

function compileList(compiler: Compiler, owner: PlanNode, role: string, steps: readonly Step[]): PlanList {
  const list: PlanList = { index: compiler.lists++, owner, role, nodes: [], byId: new Map() }
  owner.lists.push(list)
  compiler.depth++
  steps.forEach((step, position) => {
    const node = compileStep(compiler, step, list, position)
    list.nodes.push(node)
    list.byId.set(node.id, node)
    compiler.byId.set(node.id, node)
  })
  compiler.depth--
  return list
}

function optionalList(
  compiler: Compiler,
  owner: PlanNode,
  role: string,
  steps: readonly Step[] | undefined,
): PlanList | undefined {
  return steps === undefined ? undefined : compileList(compiler, owner, role, steps)
}

function compileStep(compiler: Compiler, step: Step, list: PlanList, position: number): PlanNode {
  const kind = kindOf(step)
  const draft = baseOf(compiler, step.id, list, position)
  draft['kind'] = kind
  if (kind !== 'if' && step.if !== undefined) draft['condition'] = expression(step.if)
  if ('onFailure' in step && step.onFailure !== undefined) draft['onFailure'] = step.onFailure
  const isProcess = kind === 'exec' || kind === 'run'
  const defaults = kind === 'uses' || isProcess ? compiler.definition.defaults : undefined
  const timeout =
    ('timeout' in step ? step.timeout : undefined) ?? defaults?.timeout ?? (isProcess ? processTimeout : undefined)
  if (timeout !== undefined) draft['timeout'] = duration(timeout)
  const policy = ('retry' in step ? step.retry : undefined) ?? defaults?.retry
  if (policy !== undefined) draft['retry'] = retry(policy)
  const node = register(compiler, draft)
  const outer = compiler.settings
  compiler.settings = settingsWithin(outer, step, compiler.depth)
  Object.assign(draft, verbOf(compiler, step, node))
  compiler.settings = outer
  return node
}

function verbOf(compiler: Compiler, step: Step, node: PlanNode): Draft {
  if ('uses' in step || 'exec' in step || 'run' in step) {
    const { input, process, ...work } = workOf(step, compiler.settings, compiler.depth)
    compiler.handlers.add(work.handler)
    const inherited = process?.inherited.map(({ up, env }) => ({ up, env: template(env) }))
    return { kind: 'work', ...work, input: template(input), process: process && { ...process, inherited } }
  }
  if ('set' in step) return { values: template(step.set) }
  if ('assert' in step) return { test: expression(step.assert), message: template(step.message ?? '') }
  if ('sleep' in step) return { duration: duration(step.sleep) }
  if ('waitFor' in step) {
    const { signal, if: test, schema } = step.waitFor
    return { signal: template(signal), test: test === undefined ? undefined : expression(test), schema }
  }
  if ('return' in step) return { values: template(step.return) }
  if ('fail' in step) {
    const { code, message, data } = step.fail
    return { code, message: template(message), data: data === undefined ? undefined : template(data) }
  }
  return blockOf(compiler, step, node)
}

type BlockStep = Extract<Step, { do: unknown } | { match: unknown } | { parallel: unknown } | { try: unknown }>

function blockOf(compiler: Compiler, step: BlockStep, node: PlanNode): Draft {
  const output = step.output === undefined ? undefined : template(step.output)
  if ('match' in step) return { output, ...matchOf(compiler, step, node) }
  if ('parallel' in step) return { output, ...parallelOf(compiler, step, node) }
  if ('try' in step) return { output, ...tryOf(compiler, step, node) }
  if ('forEach' in step) return { output, ...forEachOf(compiler, step, node) }
  if ('repeat' in step) return { output, ...repeatOf(compiler, step, node) }
  const body = compileList(compiler, node, 'do', step.do)
  if (node.kind === 'do') return { output, body }
  const otherwise = optionalList(compiler, node, 'else', 'else' in step ? step.else : undefined)
  return { output, test: expression(step.if ?? true), then: body, otherwise }
}

function matchOf(compiler: Compiler, step: MatchStep, node: PlanNode): Draft {
  const cases = new Map<string, PlanList>()
  for (const [key, steps] of Object.entries(step.cases)) {
    cases.set(key, compileList(compiler, node, `case:${key}`, steps))
  }
  const otherwise = optionalList(compiler, node, 'default', step.default)
  return { subject: expression(step.match), cases, otherwise }
}

function parallelOf(compiler: Compiler, step: ParallelStep, node: PlanNode): Draft {
  const positions = new Map(step.parallel.map((child, position) => [child.id, position]))
  const needs = step.parallel.map((child) => (child.needs ?? []).flatMap((id) => positions.get(id) ?? []))
  const neededBy: number[][] = needs.map(() => [])
  needs.forEach((targets, position) => {
    for (const target of targets) neededBy[target]?.push(position)
  })
  return {
    body: compileList(compiler, node, 'do', step.parallel),
    concurrency: numeric(step.concurrency ?? Number.MAX_SAFE_INTEGER),
    join: step.join ?? 'all',
    failFast: step.failFast ?? true,
    needs,
    neededBy,
  }
}

function forEachOf(compiler: Compiler, step: ForEachStep, node: PlanNode): Draft {
  const { in: items, as = 'item', concurrency = 1, collect = false } = step.forEach
  return {
    items: typeof items === 'string' ? template(`\${{ ${stripMarks(items).text} }}`) : template(items),
    as,
    concurrency: numeric(concurrency),
    collect,
    body: compileList(compiler, node, 'do', step.do),
  }
}

function repeatOf(compiler: Compiler, step: RepeatStep, node: PlanNode): Draft {
  const { max, until, while: test, every, initial } = step.repeat
  const { onExhausted } = step
  return {
    max: numeric(max),
    until: until === undefined ? undefined : expression(until),
    while: test === undefined ? undefined : expression(test),
    every: every === undefined ? undefined : duration(every),
    initial: initial === undefined ? undefined : template(initial),
    exhausted: typeof onExhausted === 'object' ? template(onExhausted.output) : undefined,
    body: compileList(compiler, node, 'do', step.do),
  }
}

function tryOf(compiler: Compiler, step: TryStep, node: PlanNode): Draft {
  const body = compileList(compiler, node, 'do', step.try)
  const catches: CatchPlan[] = (step.catch ?? []).map((clause: CatchClause, index) => ({
    on: clause.on === undefined ? undefined : new Set(clause.on),
    as: clause.as ?? 'error',
    list: compileList(compiler, node, `catch[${index}]`, clause.do),
  }))
  return { body, catches, finally: optionalList(compiler, node, 'finally', step.finally) }
}

function compileOutput(name: string, property: OutputProperty): PlanOutput {
  const { value, ...schema } = property
  return { name, schema, value: value === undefined ? undefined : template(value) }
}

function expression(source: string | boolean): Expression {
  const { text } = stripMarks(String(source))
  const parsed = parseExpression(text)
  if ('mistake' in parsed) throw unchecked(`the expression "${text}": ${parsed.mistake.message}`)
  return parsed.expression
}

function template(value: Json): Template {
  const parsed = parseTemplate(value)
  if ('template' in parsed) return parsed.template
  throw unchecked(`a template: ${parsed.mistakes.map(({ mistake }) => mistake.message).join('; ')}`)
}

function numeric(value: number | string): number | Template {
  return typeof value === 'number' ? value : template(value)
}

function duration(value: Duration): PlanDuration {
  const parsed = template(value)
  return parsed.constant ? constantDuration(value) : parsed
}

function constantDuration(value: Duration): number {
  const ms = parseDuration(value)
  if (ms === undefined) throw unchecked(`the duration "${value}"`)
  return ms
}

function retry(policy: Retry): PlanRetry {
  const { max, delay = '1s', maxDelay, backoff = 'exponential', jitter = true, on, except } = policy
  return {
    max,
    delayMs: duration(delay),
    maxDelayMs: maxDelay === undefined ? hourMs : duration(maxDelay),
    factor: backoff === 'exponential' ? 2 : 1,
    jitter,
    on: on === undefined ? undefined : new Set(on),
    except: except === undefined ? undefined : new Set(except),
  }
}

function unchecked(what: string): SegnoError {
  return new SegnoError('DEFINITION_INVALID', `The definition was not checked before it was compiled: ${what}`)
}
