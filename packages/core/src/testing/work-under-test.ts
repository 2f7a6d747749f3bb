import { isJsonObject, validateJson } from '@segno/schema/plan'
import type { Definition, Json, JsonObject, JsonSchema } from '@segno/schema/plan'
import { suggest } from '@segno/schema'
import type { TypedWorkflow } from '../builder/typed-workflow.ts'
import { SegnoError } from '../error.ts'
import type { PlanNode, WorkNode } from '../kernel/plan.ts'
import type { Clock } from '../ports/clock.ts'
import type { Files } from '../ports/files.ts'
import type { Http } from '../ports/http.ts'
import type { Secrets } from '../ports/secrets.ts'
import type { Shell } from '../ports/shell.ts'
import type { EngineOptions, Workflow } from '../runtime/engine-options.ts'
import type { AnyHandler, HandlerContext } from '../runtime/handler.ts'
import { NotJson, copyJson } from '../runtime/json-copy.ts'
import { doingOf } from './mock.ts'
import type { Mock, Mocks } from './mock.ts'
import { stepPath, stepsOf } from './steps-of.ts'

/** What a test runs: whatever an engine starts. */
export type WorkflowUnderTest = Workflow | Definition | TypedWorkflow

/** The handlers of a run in a test. */
export type TestHandlers = NonNullable<EngineOptions['handlers']>

/** What handlers may know of the world that they are in. */
export interface TestWorld {
  /** Virtual: a handler takes time by this clock only, or nobody waits for it. */
  readonly clock: Clock
  /** Which attempt this would be if no process had died, from 1: for a handler that fails the first two times. */
  turn(context: Pick<HandlerContext, 'runId' | 'path' | 'attempt'>): number
  /**
   * Where a run stands: before the paths of a child run, the path of the step
   * that started it, with a final `/`; `~2` before that for its second child.
   */
  prefixOf(runId: string): string
}

/** What the work of a workflow is done with in a test. */
export interface TestWork {
  /** Handlers that remember something are made anew for each run: pass a function. */
  readonly handlers?: TestHandlers | ((world: TestWorld) => TestHandlers)
  /** What stands in for the work of steps, by path or id; all others are done by what else is given. */
  readonly mocks?: Mocks
  /** Runs the processes of `exec` and `run` steps. */
  readonly shell?: Shell | ((world: TestWorld) => Shell)
  /** Sends the requests of `http` steps. */
  readonly http?: Http | ((world: TestWorld) => Http)
  /** Has the files of `watch` steps. */
  readonly files?: Files | ((world: TestWorld) => Files)
  readonly secrets?: Secrets
}

/** What an engine of a test is made with. */
export type WorkMeans = Pick<EngineOptions, 'handlers' | 'shell' | 'http' | 'files' | 'secrets'>

/** A world that is told of what makes the test itself wrong. */
export interface JudgedWorld extends TestWorld {
  /** The test cannot go on: nothing of this ever becomes a part of a run. */
  fail(error: SegnoError): void
  /** A step begins its work. */
  called?(call: StepCall): void
  /** Work is done for real: it takes real time. */
  during?(work: Promise<unknown>): void
}

/** The work of a step, done once. */
export interface StepCall {
  /** Of the occurrence; that of a step of a run that was started begins with the step that started it. */
  readonly path: string
  readonly attempt: number
  /** What its handler is given; of a process, its arguments and variables; of a request, method, URL, headers and body. */
  readonly input: Json
}

/** A workflow that is about to be tested. */
export interface SubjectUnderTest {
  /** What an engine is given: a definition. Handlers come with the means. */
  readonly workflow: Workflow | Definition
  readonly meansIn: (world: JudgedWorld) => WorkMeans
}

/**
 * Makes a workflow ready for a test. Throws `MOCK_UNKNOWN` for mocks of steps that there are not. With `onlyMocks`, a
 * workflow's own handlers are not called: only what the test gives.
 */
export async function subjectUnderTest(
  workflow: WorkflowUnderTest,
  work: TestWork,
  onlyMocks = false,
): Promise<SubjectUnderTest> {
  const given: WorkflowUnderTest = 'callSites' in workflow ? workflow.definition : workflow
  const brought = 'callSites' in workflow ? workflow.handlers : {}
  if (work.mocks === undefined && !onlyMocks) {
    return { workflow: given, meansIn: (world) => meansOf(work, brought, world) }
  }
  const written = 'definition' in given ? given.definition : given
  const definition = await checked(written)
  // What has mistakes is told by the engine that is to start it; of its handlers there is nothing to tell.
  if (definition === undefined) return { workflow: given, meansIn: () => ({ handlers: standInsOf(written) }) }
  const steps = stepsOf(definition)
  const { mocks = {} } = work
  for (const name of Object.keys(mocks)) checkMock(name, steps)
  return {
    workflow: given,
    meansIn(world) {
      const real = meansOf(work, onlyMocks ? {} : brought, world)
      return new MockedWork({ mocks, steps, world }, { ...brought, ...real.handlers }, real).means
    },
  }
}

async function checked(definition: Definition): Promise<Definition | undefined> {
  // The checker brings the parser and zod.
  const { loadDefinition } = await import('@segno/schema/load')
  return loadDefinition(definition).workflow?.definition
}

function standInsOf(written: unknown): TestHandlers {
  if (typeof written !== 'object' || written === null) return {}
  const { uses } = written as { readonly uses?: unknown }
  const own = typeof uses === 'string' ? { [uses.replace(/@.*/, '')]: () => undefined } : {}
  return Object.assign(own, ...Object.values(written).map(standInsOf)) as TestHandlers
}

function meansOf(work: TestWork, brought: TestHandlers, world: TestWorld): WorkMeans {
  const { handlers = {}, shell, http, files, secrets } = work
  return {
    handlers: { ...brought, ...(typeof handlers === 'function' ? handlers(world) : handlers) },
    ...(shell && { shell: typeof shell === 'function' ? shell(world) : shell }),
    ...(http && { http: typeof http === 'function' ? http(world) : http }),
    ...(files && { files: typeof files === 'function' ? files(world) : files }),
    ...(secrets && { secrets }),
  }
}

function checkMock(name: string, steps: ReadonlyMap<string, PlanNode>): void {
  const known = [...steps].filter(([path]) => names(name, path))
  if (known.length === 0) {
    const workable = [...steps].filter(([, node]) => isMockable(node)).map(([path]) => path)
    const candidates = new Set([...workable, ...workable.map(idOf)])
    const near = suggest(name, candidates)
    const hint = near === undefined ? `steps that can be mocked: ${workable.join(', ')}` : `did you mean "${near}"?`
    throw new SegnoError('MOCK_UNKNOWN', `There is no step "${name}" to mock; ${hint}`)
  }
  const [first] = known
  const [path, kind] = first === undefined ? [name, 'set' as const] : [first[0], first[1].kind]
  if (known.some(([, node]) => isMockable(node))) return
  throw new SegnoError('MOCK_UNKNOWN', `"${path}" does no work that could be mocked${insteadOf[kind] ?? ''}`)
}

const insteadOf: Readonly<Partial<Record<PlanNode['kind'], string>>> = {
  ask: ': it waits for a person; give `answers`',
  call: ': it calls another workflow; mock the steps inside',
  sleep: ': time passes by itself',
  start: ': it starts another workflow; mock the steps inside',
  waitFor: ': it waits for a signal; give `signals`',
  work: ': give `files` for what is watched; a signal is sent to the run that it is for',
}

function isMockable(node: PlanNode): node is WorkNode {
  return node.kind === 'work' && node.handler !== 'watch' && node.handler !== 'emit'
}

function names(name: string, path: string): boolean {
  return name === path || name === idOf(path)
}

function idOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** What mocks are given for, and where. */
interface Mocking {
  readonly mocks: Mocks
  readonly steps: ReadonlyMap<string, PlanNode>
  readonly world: JudgedWorld
}

type AttemptContext = Pick<HandlerContext, 'runId' | 'path' | 'attempt' | 'signal'>

/** What a step is about to do. */
interface Performing {
  readonly context: AttemptContext
  readonly input: Json
  readonly real: (() => unknown) | undefined
  readonly contract: AnyHandler | undefined
}

/** Work of which some, or all, is mocked. */
class MockedWork {
  readonly means: WorkMeans
  readonly #mocking: Mocking

  constructor(mocking: Mocking, contracts: TestHandlers, real: WorkMeans) {
    this.#mocking = mocking
    const handlers = { ...this.#standIns(contracts), ...real.handlers }
    const entries = Object.entries(handlers).map(([name, handler]) => {
      return [name, this.#handler(handler, real.handlers?.[name], contracts[name])] as const
    })
    this.means = {
      ...real,
      handlers: Object.fromEntries(entries),
      shell: this.#shell(real.shell),
      http: this.#http(real.http),
    }
  }

  // A handler of every name that a step calls, with its contract as far as there is one.
  #standIns(contracts: TestHandlers): TestHandlers {
    const standIns: Record<string, AnyHandler> = {}
    for (const node of this.#mocking.steps.values()) {
      if (!isMockable(node) || node.process !== undefined || node.request !== undefined) continue
      const { handler: name, major } = node
      const version = major === undefined ? {} : { version: `${major}.0.0` }
      standIns[name] = contracts[name] ?? standIns[name] ?? { ...version, perform: () => undefined }
    }
    return standIns
  }

  #handler(shown: AnyHandler, real: AnyHandler | undefined, contract: AnyHandler | undefined): AnyHandler {
    const definition = typeof shown === 'function' ? { perform: shown } : shown
    const own = typeof real === 'function' ? { perform: real } : real
    const perform = (context: HandlerContext, input: Json): unknown => {
      const doing = own && (() => own.perform(context, input as never))
      return this.#perform({ context, input, real: doing, contract })
    }
    return Object.create(definition, { perform: { value: perform, enumerable: true } }) as AnyHandler
  }

  #shell(real: Shell | undefined): Shell {
    return {
      run: async (command, context) => {
        const input = { ...command.program, env: command.env } as JsonObject
        const doing = real && (() => real.run(command, context))
        const given = await this.#perform({ context, input, real: doing, contract: undefined })
        if (this.#mockAt(context) === undefined) return given as Awaited<ReturnType<Shell['run']>>
        return { exitCode: 0, ...(given === undefined ? {} : { output: given as Json }) }
      },
    }
  }

  #http(real: Http | undefined): Http {
    return {
      request: async (request, context) => {
        const { method, url, headers, body = null } = request
        const doing = real && (() => real.request(request, context))
        const given = await this.#perform({
          context,
          input: { method, url, headers, body },
          real: doing,
          contract: undefined,
        })
        if (this.#mockAt(context) === undefined) return given as Awaited<ReturnType<Http['request']>>
        return { status: 200, headers: {}, body: null, ...(given as JsonObject) }
      },
    }
  }

  #mockAt({ runId, path }: AttemptContext): { readonly path: string; readonly mock: Mock } | undefined {
    const { mocks, world } = this.#mocking
    const at = stepPath(world.prefixOf(runId) + path)
    const name = [at, idOf(at)].find((one) => Object.hasOwn(mocks, one))
    return name === undefined ? undefined : { path: at, mock: mocks[name] }
  }

  #perform(performing: Performing): unknown {
    const { context, input, real } = performing
    const { world } = this.#mocking
    const path = world.prefixOf(context.runId) + context.path
    world.called?.({ path, attempt: context.attempt, input })
    const mocked = this.#mockAt(context)
    if (mocked !== undefined) return this.#mock(mocked.mock, mocked.path, performing)
    if (real !== undefined) {
      const doing = real()
      if (doing instanceof Promise) world.during?.(doing)
      return doing
    }
    const message = `The step "${path}" is to do its work, and the test gives neither a mock nor a handler for it`
    world.fail(new SegnoError('MOCK_MISSING', `${message}; add \`mocks: { '${idOf(stepPath(path))}': … }\``))
    return never()
  }

  async #mock(mock: Mock, path: string, performing: Performing): Promise<unknown> {
    const { context, input, contract } = performing
    if (typeof mock === 'function') {
      const given = await mock(input as never, this.#mocking.world.turn(context))
      return this.#mock(given, path, performing)
    }
    const doing = doingOf(mock)
    if (doing === undefined) return this.#checked(mock as Json | undefined, path, contract)
    if (doing.kind === 'hangs') return stopped(context.signal)
    if (doing.kind === 'failure') throw Object.assign(new Error(), { message: doing.failure.code, ...doing.failure })
    await this.#passes(doing.ms, context.signal)
    return this.#mock(doing.mock, path, performing)
  }

  #passes(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const cancel = this.#mocking.world.clock.schedule(ms, resolve)
      void stopped(signal).catch((reason: unknown) => {
        cancel()
        reject(reason as Error)
      })
    })
  }

  // A mock that gives what the step can never have given is a mistake of the test.
  async #checked(output: Json | undefined, path: string, contract: AnyHandler | undefined): Promise<unknown> {
    const problem = await misfit(output, this.#mocking.steps.get(path), contract)
    if (problem === undefined) return output
    const message = `The mock of "${path}" gives what does not fit: ${problem}`
    this.#mocking.world.fail(new SegnoError('MOCK_INVALID', message))
    return never()
  }
}

async function misfit(
  output: Json | undefined,
  node: PlanNode | undefined,
  contract: AnyHandler | undefined,
): Promise<string | undefined> {
  const copied = copyJson(output)
  if (copied instanceof NotJson) return `it is not JSON: ${copied.message}`
  if (node?.kind !== 'work') return undefined
  if (node.request !== undefined) {
    if (!isJsonObject(copied)) return 'the answer to a request is an object with `status`, `headers` and `body`'
    return schemaMisfit(copied['body'], node.outputSchema)
  }
  const own =
    schemaMisfit(copied, node.outputSchema) ?? schemaMisfit(copied, node.process && node.process.capture?.schema)
  if (own !== undefined || contract === undefined || typeof contract === 'function') return own
  const validated = await contract.output?.['~standard'].validate(copied)
  return validated?.issues?.map(({ message }) => message).join('; ')
}

function schemaMisfit(json: Json | undefined, schema: JsonSchema | undefined): string | undefined {
  const [problem] = schema === undefined ? [] : validateJson(schema, json ?? null)
  return problem && `${problem.path} ${problem.message}`.trim()
}

function stopped(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason as Error)
    else signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
  })
}

function never(): Promise<never> {
  return new Promise(() => undefined)
}
