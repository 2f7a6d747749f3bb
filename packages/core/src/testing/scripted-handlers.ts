import { isJsonObject, parseDuration, validateJson } from '@segno/schema/plan'
import type { Failure, Json } from '@segno/schema/plan'
import type { Fixture, ScriptedEnd, ScriptedOutcome } from '@segno/schema'
import type { AttemptOutcome } from '../kernel/decide.ts'
import { measure } from '../kernel/kept.ts'
import type { WorkNode } from '../kernel/plan.ts'
import { SegnoError } from '../error.ts'

/** An attempt whose end is known. */
export interface ScriptedEnding {
  readonly path: string
  readonly attempt: number
  readonly endsAt: number
  readonly outcome: AttemptOutcome
}

interface Work {
  readonly path: string
  readonly attempt: number
  readonly node: WorkNode
  readonly input: Json
  readonly scripted: ScriptedOutcome
  /** When and how it ends; a hanging attempt has no such end. */
  end: { readonly at: number; readonly as: ScriptedEnd } | undefined
  /** Counts what has begun or turned, so that ends at one instant come in that order. */
  order: number
}

/** The handlers of a fixture: they do what its script says. */
export class ScriptedHandlers {
  /** How often the handler of each step was called, by path. */
  readonly calls: Record<string, number> = {}
  readonly #fixture: Fixture
  /** Before the paths of the steps, in the script: that of the step whose run this is. */
  readonly #prefix: string
  #atWork: Work[] = []
  #order = 0
  readonly #problems: string[] = []

  constructor(fixture: Fixture, prefix: string) {
    this.#fixture = fixture
    this.#prefix = prefix
  }

  perform({ path, attempt, node }: Pick<Work, 'path' | 'attempt' | 'node'>, input: Json, now: number): void {
    const name = this.#prefix + path
    this.calls[name] = (this.calls[name] ?? 0) + 1
    const scripted = this.#fixture.script?.[name]?.[attempt - 1]
    if (scripted === undefined) {
      this.#problems.push(`attempt ${attempt} of "${name}" is not in the script`)
      return
    }
    const end = scripted.hang === true ? undefined : { at: now + msOf(scripted.after ?? '0s'), as: scripted }
    this.#atWork.push({ path, attempt, node, input, scripted, end, order: this.#order++ })
  }

  abort(path: string, attempt: number, now: number): void {
    const work = this.#atWork.find((one) => one.path === path && one.attempt === attempt)
    const turn = work?.scripted.onAbort
    if (work === undefined || turn === undefined) return
    work.end = { at: now + msOf(turn.after ?? '0s'), as: turn }
    work.order = this.#order++
  }

  /** The attempt was given up: what it gives is no longer heard. */
  forget(path: string, attempt: number): void {
    this.#atWork = this.#atWork.filter((one) => one.path !== path || one.attempt !== attempt)
  }

  /** The process of all handlers is gone. */
  die(): void {
    this.#atWork = []
  }

  /** The attempt that ends first. */
  next(): ScriptedEnding | undefined {
    let first: Work | undefined
    for (const work of this.#atWork)
      if (work.end !== undefined && (first === undefined || isBefore(work, first))) first = work
    if (first?.end === undefined) return undefined
    const { path, attempt, end } = first
    return { path, attempt, endsAt: end.at, outcome: this.#outcome(first, end.as) }
  }

  /** Takes that attempt out. */
  take(): ScriptedEnding {
    const ending = this.next()
    if (ending === undefined) throw new SegnoError('ARGUMENT_INVALID', 'no attempt is about to end')
    this.forget(ending.path, ending.attempt)
    return ending
  }

  /** Attempts that the script does not foresee. */
  get problems(): readonly string[] {
    return this.#problems
  }

  #outcome({ node, input }: Work, end: ScriptedEnd): AttemptOutcome {
    if (end.failure !== undefined) {
      const { code, message = code, retryable = true, details } = end.failure
      return failed({ code, message, retryable, ...(details === undefined ? {} : { details }) })
    }
    const output = end.echo === true ? input : end.output
    // The schema of a request is that of the body.
    const looked = node.request !== undefined && isJsonObject(output) ? output['body'] : output
    const schema = node.outputSchema
    const [problem] = schema === undefined ? [] : validateJson(schema, looked ?? null)
    if (problem !== undefined) {
      return failed({ code: 'OUTPUT_INVALID', message: `${problem.path} ${problem.message}`, retryable: false })
    }
    const isProcess = node.process !== undefined
    const completed = { kind: 'completed', ...(isProcess ? { exitCode: 0 } : {}) } as const
    if (output === undefined) return completed
    const measured = measure(output)
    if ('failure' in measured) return failed(measured.failure)
    return 'blob' in measured ? { ...completed, outputBlob: measured.blob } : { ...completed, output }
  }
}

/** Attempts of the script that were never made. */
export function unusedAttempts({ script = {} }: Fixture, calls: Readonly<Record<string, number>>): string[] {
  return Object.entries(script)
    .filter(([path, outcomes]) => (calls[path] ?? 0) !== outcomes.length)
    .map(([path, outcomes]) => `the script has ${outcomes.length} attempts of "${path}", ${calls[path] ?? 0} were made`)
}

function failed(failure: Failure): AttemptOutcome {
  return { kind: 'failed', failure }
}

function isBefore(one: Work, other: Work): boolean {
  const [a, b] = [one.end?.at ?? 0, other.end?.at ?? 0]
  return a < b || (a === b && one.order < other.order)
}

/** The milliseconds of a fixture's duration, whose form its schema has checked. */
export function msOf(duration: string): number {
  const ms = parseDuration(duration)
  if (ms === undefined) throw new SegnoError('ARGUMENT_INVALID', `"${duration}" is not a duration`)
  return ms
}
