import type { Fixture } from '@segno/schema'
import type { Definition, Json, JsonObject } from '@segno/schema/plan'
import { isJsonObject, parseDuration, planHash } from '@segno/schema/plan'
import type { Files } from '../ports/files.ts'
import type { Http, HttpResponse } from '../ports/http.ts'
import type { Shell } from '../ports/shell.ts'
import type { HandlerContext } from '../runtime/handler.ts'
import type { CrashMatrixSubject } from './crash-matrix.ts'
import type { TestHandlers, TestWorld } from './work-under-test.ts'

type ScriptedOutcome = NonNullable<Fixture['script']>[string][number]
type ScriptedEnd = NonNullable<ScriptedOutcome['onAbort']>

/** A conformance fixture as a crash matrix plays it: with the real engine, and handlers that do what the script says. */
export function fixtureSubject(fixture: Fixture): CrashMatrixSubject {
  const { definition, input, onFailure, signals = [], answers = [], commands = [], crashes = [], plans = {} } = fixture
  return {
    workflow: definition,
    ...(input === undefined ? {} : { input }),
    ...(onFailure === undefined ? {} : { onFailure }),
    handlers: (world) => handlersOf(fixture, world),
    shell: (world) => shellOf(fixture, world),
    http: (world) => httpOf(fixture, world),
    files: (world) => filesOf(fixture, world),
    secrets: { get: async (name) => `value-of-${name}` },
    signals: signals.map(({ at, data, ...signal }) => ({ ...signal, atMs: msOf(at), data: data ?? null })),
    answers: answers.map(({ at, ...answer }) => ({ ...answer, atMs: msOf(at) })),
    plans: Object.values(plans),
    commands: commands.map(({ at, run, id, command, duration, plan, ...fields }) => ({
      atMs: msOf(at),
      ...(run === undefined ? {} : { run }),
      id,
      name: command,
      fields: {
        ...(fields as JsonObject),
        ...(duration === undefined ? {} : { durationMs: msOf(duration) }),
        ...planField(plan === undefined ? undefined : plans[plan]),
      },
    })),
    crashesAtMs: crashes.map(msOf),
  }
}

function planField(plan: Definition | undefined): { readonly plan?: string } {
  return plan === undefined ? {} : { plan: planHash(plan) }
}

function handlersOf(fixture: Fixture, world: TestWorld): TestHandlers {
  const script = new Script(fixture, world)
  const entries = Object.entries(fixture.handlers ?? {}).map(([name, { effect }]) => {
    const perform = (context: HandlerContext, input: Json): Promise<unknown> => script.perform(context, input)
    return [name, { perform, ...(effect === undefined ? {} : { effect }) }]
  })
  return Object.fromEntries(entries) as TestHandlers
}

function shellOf(fixture: Fixture, world: TestWorld): Shell {
  const script = new Script(fixture, world)
  return {
    async run({ program, env }, context) {
      const output = await script.perform(context, { program: { ...program }, env } as Json)
      return { exitCode: 0, ...(output === undefined ? {} : { output: output as Json }) }
    },
  }
}

function httpOf(fixture: Fixture, world: TestWorld): Http {
  const script = new Script(fixture, world)
  return { request: async (_request, context) => (await script.perform(context, null)) as HttpResponse }
}

// The files of a script are there from when its attempt would have ended.
function filesOf({ definition, script = {} }: Fixture, { clock }: TestWorld): Files {
  const asked = new Map<string, number>()
  return {
    kind: async () => 'missing',
    async glob(pattern) {
      const since = asked.get(pattern) ?? clock.now()
      asked.set(pattern, since)
      const { id, every } = watcherOf(definition as unknown as Json, pattern) ?? {}
      const [path = ''] = Object.keys(script).filter((name) => name.split('/').at(-1) === id)
      // An attempt that a crash of the script's cost sees nothing.
      const { output, after = '0s', hang } = script[path]?.at(-1) ?? {}
      const isThere = hang !== true && clock.now() - since >= msOf(after)
      // The matrix goes on to when the engine looks again.
      if (!isThere) clock.schedule(msOf(every ?? '5s'), () => undefined)
      return isThere && isJsonObject(output) ? (output['files'] as readonly string[]) : []
    },
  }
}

interface Watcher {
  readonly id: Json | undefined
  readonly every: string | undefined
}

// The step that watches for a pattern.
function watcherOf(value: Json | undefined, pattern: string): Watcher | undefined {
  if (Array.isArray(value)) return value.map((item: Json) => watcherOf(item, pattern)).find((id) => id !== undefined)
  if (!isJsonObject(value)) return undefined
  const { watch, id } = value
  const glob = isJsonObject(watch) ? watch['glob'] : undefined
  if (isJsonObject(watch) && typeof glob === 'string' && (glob === pattern || glob.includes('${{'))) {
    return { id, every: typeof watch['every'] === 'string' ? watch['every'] : undefined }
  }
  return Object.values(value)
    .map((field) => watcherOf(field, pattern))
    .find((found) => found !== undefined)
}

class Script {
  readonly #fixture: Fixture
  readonly #world: TestWorld
  /** When what a turn began in the outside world is over there: a crash of ours does not make it longer. */
  readonly #ends = new Map<string, number>()

  constructor(fixture: Fixture, world: TestWorld) {
    this.#fixture = fixture
    this.#world = world
  }

  perform(context: Pick<HandlerContext, 'runId' | 'path' | 'attempt' | 'signal'>, input: Json): Promise<unknown> {
    const { signal } = context
    const path = this.#world.prefixOf(context.runId) + context.path
    const turn = this.#world.turn(context)
    const scripted = this.#fixture.script?.[path]?.[turn - 1]
    return new Promise((resolve, reject) => {
      if (scripted === undefined) return reject(new Error(`turn ${turn} of "${path}" is not in the script`))
      const { clock } = this.#world
      const finish = (end: ScriptedEnd): void => {
        if (end.failure !== undefined)
          reject(Object.assign(new Error(), { message: end.failure.code, retryable: true, ...end.failure }))
        else resolve(end.echo === true ? input : end.output)
      }
      let cancel: (() => void) | undefined
      if (scripted.hang !== true) {
        const name = `${path}#${turn}`
        const endsAt = this.#ends.get(name) ?? clock.now() + msOf(scripted.after ?? '0s')
        this.#ends.set(name, endsAt)
        cancel = clock.schedule(Math.max(0, endsAt - clock.now()), () => finish(scripted))
      }
      const { onAbort } = scripted
      if (onAbort === undefined) return
      const stop = (): void => {
        cancel?.()
        clock.schedule(msOf(onAbort.after ?? '0s'), () => finish(onAbort))
      }
      if (signal.aborted) stop()
      else signal.addEventListener('abort', stop)
    })
  }
}

function msOf(duration: string): number {
  const ms = parseDuration(duration)
  if (ms === undefined) throw new Error(`"${duration}" is not a duration`)
  return ms
}
