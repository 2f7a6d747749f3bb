import {
  validateJson,
  type Definition,
  type Json,
  type JsonObject,
  type JsonSchema,
  type RunEvent,
} from '@segno/schema/plan'
import type { AttemptOutcome } from '../../src/kernel/decide.ts'
import { Held, measure } from '../../src/kernel/kept.ts'
import { runStatus } from '../../src/kernel/outstanding.ts'
import type { StepState } from '../../src/kernel/state.ts'
import { httpRequestOf } from '../../src/runtime/http-request-of.ts'
import { World } from '../kernel/world.ts'
import { Dice } from './dice.ts'
import { NoSuchValue, valueOf } from './shape.ts'
import type { HandlerFace } from './well-typed.fixture.ts'

/**
 * Failure codes that tell of a bad reference or of a mistyped value: what a
 * definition that checks never fails with. `OUTPUT_INVALID` is among them, since
 * handlers give here what they promise: only an output of a workflow can be it.
 */
const typeFailures: ReadonlySet<string> = new Set([
  'MISSING_VALUE',
  'EXPRESSION_TYPE',
  'TYPE_MISMATCH',
  'INPUT_INVALID',
  'OUTPUT_INVALID',
  'NO_MATCH',
])

type Attempt = ReturnType<World['attempts']>[number]

/** Plays a run of a definition to its end, with outcomes, answers and signals that fit what is declared, and much that goes wrong. */
export class Run {
  readonly world: World
  readonly problems: string[] = []
  readonly #dice: Dice
  readonly #handlers: ReadonlyMap<string, HandlerFace>
  readonly #definition: Definition

  constructor(definition: Definition, handlers: readonly HandlerFace[], seed: number) {
    this.#definition = definition
    this.#dice = new Dice(seed)
    this.#handlers = new Map(handlers.map((face) => [face.name, face]))
    this.world = new World(definition, { input: this.#input(definition) })
  }

  /** What went wrong that a check rules out; empty for a run that kept the promise. */
  play(): readonly string[] {
    try {
      this.#toTheEnd()
    } catch (error) {
      // Nobody can keep a promise that no value keeps: the run is looked at as far as it came.
      if (!(error instanceof NoSuchValue)) throw error
    }
    return [...this.problems, ...problemsOf(this.world.journal)]
  }

  #toTheEnd(): void {
    const { world } = this
    for (let round = 0; !world.isOver; round++) {
      if (round > 400) world.send('segno.cancel', { force: true })
      if (round > 1000) throw new Error(`the run does not end: ${runStatus(world.state)}`)
      this.#move(round)
    }
  }

  #input({ input = {} }: Definition): JsonObject {
    const dice = this.#dice
    const given = Object.entries(input).filter(
      ([, { optional, default: value }]) => (optional !== true && value === undefined) || dice.chance(50),
    )
    const values = given.map(([name, schema]) => [name, valueOf(schema as JsonSchema, dice)] as const)
    const defaults = Object.entries(input).flatMap(([name, schema]) =>
      schema.default === undefined ? [] : [[name, schema.default] as const],
    )
    return Object.fromEntries([...defaults, ...values])
  }

  // Something that can happen now: an attempt ends, a signal comes, time passes, somebody cancels.
  #move(round: number): void {
    const { world } = this
    const dice = this.#dice
    if (dice.chance(2)) return void world.crash(dice.chance(50))
    if (dice.chance(1)) return void world.send('segno.cancel', { force: dice.chance(30) })
    const attempts = world.attempts()
    if (attempts.length > 0 && dice.chance(85)) return this.#settle(dice.pick(attempts))
    const children = world.children()
    if (children.length > 0 && dice.chance(70)) return this.#child(dice.pick(children))
    const asked = world.questions()
    if (asked.length > 0 && dice.chance(70)) return this.#answer(dice.pick(asked))
    const names = [...world.state.waiters.keys()]
    if (names.length > 0 && dice.chance(70)) return this.#signal(dice.pick(names))
    if (world.wake()) return
    this.#help(round)
  }

  #help(round: number): void {
    const { world } = this
    if (world.state.blocked?.code === 'LIMIT_EXCEEDED') {
      if (round > 200) world.send('segno.cancel', { force: true })
      else world.send('segno.raise', { steps: 100_000, transitions: 100_000 })
    } else world.send(this.#dice.chance(70) ? 'segno.retry' : 'segno.cancel')
  }

  #settle(attempt: Attempt): void {
    const { world } = this
    const dice = this.#dice
    this.#checkInput(attempt)
    if (dice.chance(6)) return void world.pass(dice.pick([1000, 6000, 20_000]))
    const isUndo = attempt.path.includes('.undo')
    const isStopped = world.known.has(`abort:${attempt.path}#${attempt.attempt}`)
    if (!isUndo && dice.chance(isStopped ? 60 : 14)) {
      const failure = { code: dice.pick(['OOPS', 'OTHER']), message: 'no luck', retryable: dice.chance(50) }
      return void world.settle(attempt, { kind: 'failed', failure })
    }
    world.settle(attempt, this.#outcome(attempt))
  }

  #outcome({ node }: Attempt): AttemptOutcome {
    const output = this.#outputOf(node)
    if (output === undefined) return { kind: 'completed', exitCode: 0 }
    const measured = measure(output)
    const kept = 'blob' in measured ? { outputBlob: measured.blob } : { output }
    return { kind: 'completed', ...kept, ...(node.process === undefined ? {} : { exitCode: 0 }) }
  }

  #outputOf(node: Attempt['node']): Json | undefined {
    const dice = this.#dice
    if (node.process !== undefined) {
      const { capture } = node.process
      if (capture === undefined) return undefined
      const from =
        capture.from === 'lines' || capture.from === 'files'
          ? { type: 'array', items: { type: 'string' } }
          : { type: 'string' }
      return valueOf(capture.schema ?? (capture.from === 'json' ? {} : from), dice)
    }
    if (node.handler === 'http') {
      return { status: 200, headers: { name: 'text/plain' }, body: valueOf(node.outputSchema, dice) }
    }
    if (node.handler === 'watch') return { files: ['in/a.json', 'in/b.json'].slice(0, 1 + dice.below(2)) }
    if (node.handler === 'emit') return undefined
    return valueOf(node.outputSchema ?? this.#handlers.get(node.handler)?.output, dice)
  }

  // What the runtime and the handler would refuse.
  #checkInput({ node, path, input }: Attempt): void {
    if (input instanceof Held) return
    if (node.handler === 'http') {
      const request = {
        input: input as JsonObject,
        isHostLiteral: true,
        redirectsMax: 0,
        bodyBytesMax: 1,
        idempotencyKey: 'k',
      }
      try {
        httpRequestOf(request)
      } catch (error) {
        const { code, message } = error as { readonly code?: string; readonly message?: string }
        if (code !== undefined && typeFailures.has(code)) this.problems.push(`${path}: ${code} ${message}`)
      }
    }
    const schema = this.#handlers.get(node.handler)?.input
    if (schema === undefined) return
    for (const misfit of validateJson(schema, input)) {
      this.problems.push(`${path}: the input of ${node.handler}: ${misfit.path} ${misfit.message}`)
    }
  }

  #child(child: ReturnType<World['children']>[number]): void {
    const { world } = this
    const dice = this.#dice
    const { runId, node, started, step } = child
    if (!started && dice.chance(80)) return void world.decide({ type: 'child', runId, outcome: { kind: 'created' } })
    const isStopped = step?.stopping !== undefined
    const how = isStopped
      ? 'cancelled'
      : dice.pick(['completed', 'completed', 'completed', 'failed', 'cancelled'] as const)
    const outputs = Object.entries(node.child.definition.output ?? {})
    const output = Object.fromEntries(
      outputs.map(([name, schema]) => [name, valueOf(schema as unknown as JsonSchema, dice)]),
    )
    const failure = { code: 'OOPS', message: 'no luck', retryable: dice.chance(50) }
    const told = how === 'completed' ? { output } : how === 'failed' ? { failure } : { because: { code: 'CANCELLED' } }
    world.send('segno.child', { runId, status: how, ...told })
  }

  #answer({ path, hash = '', node }: StepState): void {
    const dice = this.#dice
    if (node.kind !== 'ask') return
    const comment = dice.chance(40) ? { comment: 'so it is' } : {}
    const given =
      node.choices === undefined
        ? { form: this.#input({ input: node.form ?? {} } as unknown as Definition) }
        : { choice: dice.pick(node.choices) }
    this.world.decide({
      type: 'messages',
      messages: [
        {
          id: `a${dice.below(1e9)}`,
          name: 'segno.answer',
          payload: { path, hash, ...given, ...comment },
          ...(dice.chance(50) ? { sender: 'ada' } : {}),
        },
      ],
    })
  }

  // With data that fit one of the schemas for that name, or none.
  #signal(name: string): void {
    const dice = this.#dice
    const schemas = signalSchemas(this.#definition, name)
    const data = schemas.length === 0 || dice.chance(20) ? valueOf({}, dice) : valueOf(dice.pick(schemas), dice)
    this.world.send(name, data)
  }
}

/** What a journal tells of bad references and mistyped values, wherever it stands in it. */
function problemsOf(journal: readonly RunEvent[]): string[] {
  const problems: string[] = []
  const look = (value: unknown, where: string): void => {
    if (typeof value !== 'object' || value === null) return
    const { code, message } = value as { readonly code?: unknown; readonly message?: unknown }
    if (typeof code === 'string' && typeFailures.has(code) && !isUnreadable(String(message)))
      problems.push(`${where}: ${code} ${String(message)}`)
    for (const inner of Object.values(value)) look(inner, where)
  }
  for (const event of journal) {
    const { because } = event as { readonly because?: { readonly code?: string } }
    // A signal that does not fit is refused by its schema, as it has to be.
    if (event.type === 'signal.ignored' && because?.code === 'INPUT_INVALID') continue
    look(event, `${event.seq} ${event.type} ${'path' in event ? String(event.path) : ''}`)
  }
  return problems
}

// A text that does not read as a number is of the right type: no check knows what is in it.
function isUnreadable(message: string): boolean {
  return /: "[^]*" is not (a whole number|a number|"true" or "false"|a timestamp|a duration)/.test(message)
}

function signalSchemas(value: unknown, name: string): JsonSchema[] {
  if (typeof value !== 'object' || value === null) return []
  const { waitFor, on } = value as {
    readonly waitFor?: { signal?: string; schema?: JsonSchema }
    readonly on?: Record<string, { schema?: JsonSchema }>
  }
  const own = waitFor?.signal === name && waitFor.schema !== undefined ? [waitFor.schema] : []
  const transition = on?.[name]?.schema
  const here = transition === undefined ? own : [...own, transition]
  return [...here, ...Object.values(value).flatMap((inner) => signalSchemas(inner, name))]
}
