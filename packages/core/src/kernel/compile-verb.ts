import { kindOf, parseDuration, planHash, stripMarks } from '@segno/schema/plan'
import type {
  AskStep,
  CallStep,
  CatchClause,
  Definition,
  EmitStep,
  ForEachStep,
  IfStep,
  MachineState,
  MatchStep,
  ParallelStep,
  RepeatStep,
  SignalTransition,
  StartStep,
  StatesStep,
  Step,
  Transition,
  TryStep,
  UsesStep,
} from '@segno/schema/plan'
import type { Compiler, Draft } from './compiler.ts'
import { duration, expression, optionalExpression, optionalTemplate, template, unchecked } from './compile-value.ts'
import type { CatchPlan, PlanList, PlanNode, PlanState, PlanTransition } from './plan.ts'
import { workOf } from './work.ts'
import type { WorkStep } from './work.ts'

/** What the verb of a step makes of its node. */
export function compileVerb(compiler: Compiler, step: Step, node: PlanNode): Draft {
  if (isWork(step)) return workNode(compiler, step)
  if ('emit' in step && step.emit.to !== undefined) return workNode(compiler, step)
  const kind = kindOf(step)
  // A block's lists name their owner, whose kind they look at.
  Object.assign(node, { kind })
  if ('sleep' in step) return { kind, duration: duration(step.sleep), until: undefined }
  if ('sleepUntil' in step) return { kind: 'sleep', duration: 0, until: template(step.sleepUntil) }
  if ('waitFor' in step) {
    const { signal, if: test, schema } = step.waitFor
    return { kind, signal: template(signal), test: optionalExpression(test), schema }
  }
  if ('ask' in step) return { kind, ...askOf(step) }
  if ('emit' in step) {
    const { signal, reply, data } = step.emit
    return { kind, signal: optionalTemplate(signal), reply, data: optionalTemplate(data) }
  }
  if ('call' in step) return { kind, ...callOf(compiler, step, node) }
  if ('start' in step) return { kind, ...startOf(compiler, step) }
  return { kind, ...pureOf(compiler, step, node) }
}

function isWork(step: Step): step is Exclude<WorkStep, EmitStep> {
  return 'uses' in step || 'exec' in step || 'run' in step || 'http' in step || 'watch' in step
}

function workNode(compiler: Compiler, step: WorkStep): Draft {
  const { input, process, ...work } = workOf(step, compiler.settings, compiler.depth)
  compiler.handlers.add(work.handler)
  const inherited = process?.inherited.map(({ up, env }) => ({ up, env: template(env) }))
  return {
    kind: 'work',
    ...work,
    input: template(input),
    idempotencyKey: optionalTemplate((step as Partial<UsesStep>).idempotencyKey),
    process: process && { ...process, inherited },
  }
}

function askOf({ ask }: AskStep): Draft {
  const { choices, form, ...shown } = ask
  return { shown: template({ ...shown }), choices, form }
}

function callOf(compiler: Compiler, step: CallStep, node: PlanNode): Draft {
  const input = template(step.with ?? {})
  return { input, ...compiler.called(node, imported(compiler, step.call)) }
}

function startOf(compiler: Compiler, step: StartStep): Draft {
  const definition = imported(compiler, step.start)
  const { wait = true, detached = false } = step
  return { child: { hash: planHash(definition), definition }, input: template(step.with ?? {}), wait, detached }
}

function imported({ unit }: Compiler, name: string): Definition {
  const definition = unit.definition.imports?.[name]
  if (typeof definition === 'object') return definition
  throw unchecked(`the import "${name}" is not closed`)
}

function optionalList(
  compiler: Compiler,
  node: PlanNode,
  role: string,
  steps: readonly Step[] | undefined,
): PlanList | undefined {
  return steps === undefined ? undefined : compiler.list(node, role, steps)
}

type PureStep = Exclude<Step, WorkStep | AskStep | CallStep | StartStep>

function pureOf(compiler: Compiler, step: PureStep, node: PlanNode): Draft {
  if ('set' in step) return { values: template(step.set) }
  if ('assert' in step) return { test: expression(step.assert), message: template(step.message ?? '') }
  if ('return' in step) return { values: template(step.return) }
  if ('fail' in step) {
    const { code, message, data } = step.fail
    return { code, message: template(message), data: optionalTemplate(data) }
  }
  if ('agent' in step) throw unchecked('this engine has no agents')
  return blockOf(compiler, step as BlockStep, node)
}

type BlockStep = Extract<
  Step,
  { do: unknown } | { match: unknown } | { parallel: unknown } | { try: unknown } | { states: unknown }
>

function blockOf(compiler: Compiler, step: BlockStep, node: PlanNode): Draft {
  const output = optionalTemplate(step.output)
  if ('match' in step) return { output, ...matchOf(compiler, step, node) }
  if ('parallel' in step) return { output, ...parallelOf(compiler, step, node) }
  if ('try' in step) return { output, ...tryOf(compiler, step, node) }
  if ('states' in step) return { output, ...statesOf(compiler, step, node) }
  if ('forEach' in step) return { output, ...forEachOf(compiler, step, node) }
  if ('repeat' in step) return { output, ...repeatOf(compiler, step, node) }
  const body = compiler.list(node, 'do', step.do)
  if (node.kind === 'do') return { output, body }
  const { if: test, else: others } = step as IfStep
  return { output, test: expression(test), then: body, otherwise: optionalList(compiler, node, 'else', others) }
}

function matchOf(compiler: Compiler, step: MatchStep, node: PlanNode): Draft {
  const cases = new Map<string, PlanList>()
  for (const [key, steps] of Object.entries(step.cases)) {
    cases.set(key, compiler.list(node, `case:${key}`, steps))
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
    body: compiler.list(node, 'do', step.parallel),
    concurrency: template(step.concurrency ?? Number.MAX_SAFE_INTEGER),
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
    concurrency: template(concurrency),
    collect,
    body: compiler.list(node, 'do', step.do),
  }
}

function repeatOf(compiler: Compiler, step: RepeatStep, node: PlanNode): Draft {
  const { max, until, while: test, every, initial } = step.repeat
  const { onExhausted } = step
  return {
    max: template(max),
    until: optionalExpression(until),
    while: optionalExpression(test),
    every: every === undefined ? undefined : duration(every),
    initial: optionalTemplate(initial),
    exhausted: typeof onExhausted === 'object' ? template(onExhausted.output) : undefined,
    body: compiler.list(node, 'do', step.do),
  }
}

function tryOf(compiler: Compiler, step: TryStep, node: PlanNode): Draft {
  const body = compiler.list(node, 'do', step.try)
  const catches: CatchPlan[] = (step.catch ?? []).map((clause: CatchClause, index) => ({
    on: clause.on === undefined ? undefined : new Set(clause.on),
    as: clause.as ?? 'error',
    list: compiler.list(node, `catch[${index}]`, clause.do),
  }))
  return { body, catches, finally: optionalList(compiler, node, 'finally', step.finally) }
}

const transitionsMaxDefault = 1000

function statesOf(compiler: Compiler, step: StatesStep, node: PlanNode): Draft {
  const states = new Map<string, PlanState>()
  const signals = new Set<string>()
  for (const [name, state] of Object.entries(step.states)) {
    const list = compiler.list(node, `state:${name}`, state.do ?? [])
    states.set(name, stateOf(state, list))
    for (const signal of Object.keys(state.on ?? {})) signals.add(signal)
  }
  return { initial: step.initial, states, signals, max: step.max ?? transitionsMaxDefault }
}

function stateOf({ on = {}, after = {}, next = [] }: MachineState, list: PlanList): PlanState {
  const timed = Object.entries(after).map(([text, given]) => {
    const ms = parseDuration(text)
    if (ms === undefined) throw unchecked(`the duration "${text}"`)
    return { ms, transitions: transitionsOf(given) }
  })
  return {
    list,
    on: new Map(Object.entries(on).map(([signal, given]) => [signal, transitionsOf(given)])),
    after: timed.toSorted((one, other) => one.ms - other.ms),
    next: transitionsOf(next),
  }
}

type Given = Transition | SignalTransition

function transitionsOf(given: Given | readonly Given[]): PlanTransition[] {
  return [given].flat().map((transition: Given) => ({
    to: transition.to,
    test: optionalExpression(transition.if),
    schema: 'schema' in transition ? transition.schema : undefined,
  }))
}
