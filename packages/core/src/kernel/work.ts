import { hasLiteralHost, parseSize, secretSlots } from '@segno/schema/plan'
import type {
  Capture,
  EmitStep,
  ExecStep,
  HttpStep,
  Json,
  JsonObject,
  RunStep,
  Step,
  UsesStep,
  WatchStep,
} from '@segno/schema/plan'
import type { PlanProcess, WorkNode } from './plan.ts'

/** What blocks hand down to the work inside of them; the nearest wins. */
export interface Settings {
  /** Variables by the depth of the list that their step is in, outermost first: their expressions see what that step sees. */
  readonly env: readonly Layer[]
  readonly secrets: readonly string[]
  readonly cwd: string | undefined
}

interface Layer {
  readonly depth: number
  readonly env: Readonly<Record<string, string | number | boolean>>
}

/** Nothing is handed down to the steps of the workflow itself. */
export const noSettings: Settings = { env: [], secrets: [], cwd: undefined }

/** What holds for a step in a list of that depth, and for all inside of it. */
export function settingsWithin(outer: Settings, step: Step, depth: number): Settings {
  const own = step as Partial<ExecStep & UsesStep>
  const { env } = own
  return {
    env: env === undefined ? outer.env : [...outer.env.map((layer) => without(layer, env)), { depth, env }],
    secrets: own.secrets === undefined ? outer.secrets : [...new Set([...outer.secrets, ...own.secrets])],
    cwd: own.workspace?.cwd ?? outer.cwd,
  }
}

function without({ depth, env }: Layer, nearer: Layer['env']): Layer {
  return { depth, env: Object.fromEntries(Object.entries(env).filter(([name]) => !Object.hasOwn(nearer, name))) }
}

/** A work node's own fields, with the raw values that become its templates. */
export type Work = Pick<
  WorkNode,
  'handler' | 'major' | 'effect' | 'outputSchema' | 'secretSlots' | 'secrets' | 'request'
> & {
  readonly input: Json
  readonly process: (Omit<PlanProcess, 'inherited'> & { readonly inherited: readonly Inherited[] }) | undefined
}

interface Inherited {
  readonly up: number
  readonly env: Json
}

/** A step whose work is done outside of the kernel. An `emit` without `to` is none. */
export type WorkStep = UsesStep | ExecStep | RunStep | HttpStep | WatchStep | EmitStep

/** What a work step asks of the world, with all that is handed down to it. */
export function workOf(step: WorkStep, settings: Settings, depth: number): Work {
  if ('uses' in step) return usesOf(step, settings)
  if ('http' in step) return requestOf(step, settings)
  if ('watch' in step) {
    const { glob, minCount = 1, every = '5s' } = step.watch
    return { ...plain, handler: 'watch', effect: 'pure', input: { glob, minCount, every } }
  }
  if ('emit' in step) return { ...plain, handler: 'emit', input: { ...step.emit } }
  return processOf(step, settings, depth)
}

const plain: Omit<Work, 'handler' | 'input'> = {
  major: undefined,
  effect: undefined,
  outputSchema: undefined,
  process: undefined,
  request: undefined,
  secretSlots: [],
  secrets: [],
}

function usesOf(step: UsesStep, { secrets }: Settings): Work {
  const [handler = step.uses, major] = step.uses.split('@')
  const { template, slots } = secretSlots(step.with ?? {})
  const { effect, output } = step
  return {
    ...plain,
    handler,
    major,
    input: template,
    effect,
    outputSchema: output?.schema,
    secretSlots: slots,
    secrets,
  }
}

const redirectsDefault = 5
const bytesDefault = 1024 * 1024

// The schema lets no size in that is none.
function bytesOf(size: number | string = bytesDefault): number {
  return parseSize(size) ?? bytesDefault
}

function requestOf({ http, effect, output }: HttpStep, { secrets }: Settings): Work {
  const { redirects = redirectsDefault, maxSize, ...asked } = http
  const { template, slots } = secretSlots(asked as unknown as Json)
  const request = { isHostLiteral: hasLiteralHost(http.url), redirectsMax: redirects, bodyBytesMax: bytesOf(maxSize) }
  return {
    ...plain,
    handler: 'http',
    input: template,
    effect,
    outputSchema: output?.schema,
    request,
    secretSlots: slots,
    secrets,
  }
}

function processOf(step: ExecStep | RunStep, settings: Settings, depth: number): Work {
  const { output } = step
  const around = settings.env
    .filter((layer) => layer.depth < depth)
    .map((layer) => ({ up: depth - layer.depth, ...withSlots(layer.env) }))
  const own = withSlots(ownVariables(settings, depth))
  const process: Work['process'] = {
    inherited: around.map(({ up, env }) => ({ up, env })),
    script: 'run' in step ? { text: step.run, shell: step.shell ?? 'sh' } : undefined,
    openArguments: 'exec' in step ? openArguments(step.exec) : [],
    cwd: settings.cwd,
    capture: output === undefined ? undefined : captureOf(output),
  }
  return {
    handler: 'run' in step ? 'run' : 'exec',
    major: undefined,
    input: {
      ...('exec' in step ? { argv: step.exec } : {}),
      ...(Object.keys(own.env).length === 0 ? {} : { env: own.env }),
      ...(output?.path === undefined ? {} : { path: output.path }),
    },
    effect: step.effect,
    outputSchema: output?.schema,
    process,
    request: undefined,
    secretSlots: [...around, own].flatMap(({ slots }) => slots),
    secrets: settings.secrets,
  }
}

// A secret that is listed is a variable of its name, unless `env` says otherwise; where it stands makes no difference.
function ownVariables({ env, secrets }: Settings, depth: number): JsonObject {
  const named = new Set(env.flatMap((layer) => Object.keys(layer.env)))
  const listed = secrets.filter((name) => !named.has(name)).map((name) => [name, `\${{ secrets.${name} }}`] as const)
  return { ...Object.fromEntries(listed), ...env.find((layer) => layer.depth === depth)?.env }
}

// Secrets are put in by their places in the input of the process, which are below its `env`.
function withSlots(variables: JsonObject): { readonly env: JsonObject; readonly slots: Work['secretSlots'] } {
  const { template, slots } = secretSlots({ env: variables })
  return { ...(template as { readonly env: JsonObject }), slots }
}

function captureOf({ from, schema, maxSize }: Capture): NonNullable<PlanProcess['capture']> {
  return { from, ...(schema === undefined ? {} : { schema }), maxBytes: bytesOf(maxSize) }
}

// A program reads what begins with `-` as an option: data must not get there.
function openArguments(argv: ExecStep['exec']): number[] {
  const end = argv.indexOf('--')
  const open = end < 0 ? argv : argv.slice(0, end)
  return open.flatMap((argument, index) =>
    index > 0 && typeof argument === 'string' && argument.startsWith('${{') ? [index] : [],
  )
}
