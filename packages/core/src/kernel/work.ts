import { parseSize, secretSlots } from '@segno/schema/plan'
import type { Capture, ExecStep, Json, JsonObject, RunStep, Step, UsesStep } from '@segno/schema/plan'
import type { PlanProcess, WorkNode } from './plan.ts'

/** What blocks hand down to the work inside of them; the nearest wins. */
export interface Settings {
  readonly env: Readonly<Record<string, string | number | boolean>>
  readonly secrets: readonly string[]
  readonly cwd: string | undefined
}

/** Nothing is handed down to the steps of the workflow itself. */
export const noSettings: Settings = { env: {}, secrets: [], cwd: undefined }

/** What holds for a step, and for all inside of it. */
export function settingsWithin(outer: Settings, step: Step): Settings {
  const own = step as Partial<ExecStep & UsesStep>
  if (own.env === undefined && own.secrets === undefined && own.workspace === undefined) return outer
  return {
    env: own.env === undefined ? outer.env : { ...outer.env, ...own.env },
    secrets: own.secrets === undefined ? outer.secrets : [...new Set([...outer.secrets, ...own.secrets])],
    cwd: own.workspace?.cwd ?? outer.cwd,
  }
}

/** A work node's own fields, with the raw input that becomes its template. */
export type Work = Pick<
  WorkNode,
  'handler' | 'major' | 'effect' | 'outputSchema' | 'process' | 'secretSlots' | 'secrets'
> & { readonly input: Json }

/** What a work step asks of the world, with all that is handed down to it. */
export function workOf(step: UsesStep | ExecStep | RunStep, settings: Settings): Work {
  if (!('uses' in step)) return processOf(step, settings)
  const [, handler = step.uses, major] = /^(.+)@(\d+)$/.exec(step.uses) ?? []
  const { template, slots } = secretSlots(step.with ?? {})
  return {
    handler,
    major,
    input: template,
    effect: step.effect,
    outputSchema: step.output?.schema,
    process: undefined,
    secretSlots: slots,
    secrets: settings.secrets,
  }
}

const captureBytesDefault = 1024 * 1024

function processOf(step: ExecStep | RunStep, settings: Settings): Work {
  const { output } = step
  const { template, slots } = secretSlots({ env: environmentOf(settings) })
  const { env } = template as { readonly env: JsonObject }
  const process: PlanProcess = {
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
      ...(Object.keys(env).length === 0 ? {} : { env }),
      ...(output?.path === undefined ? {} : { path: output.path }),
    },
    effect: step.effect,
    outputSchema: output?.schema,
    process,
    secretSlots: slots,
    secrets: settings.secrets,
  }
}

function environmentOf({ env, secrets }: Settings): JsonObject {
  return { ...Object.fromEntries(secrets.map((name) => [name, `\${{ secrets.${name} }}`])), ...env }
}

function captureOf({ from, schema, maxSize }: Capture): NonNullable<PlanProcess['capture']> {
  const bytes = typeof maxSize === 'string' ? parseSize(maxSize) : maxSize
  return { from, ...(schema === undefined ? {} : { schema }), maxBytes: bytes ?? captureBytesDefault }
}

// A program reads what begins with `-` as an option: data must not get there.
function openArguments(argv: ExecStep['exec']): number[] {
  const end = argv.indexOf('--')
  return argv.flatMap((argument, index) =>
    index > 0 && (end < 0 || index < end) && typeof argument === 'string' && argument.startsWith('${{') ? [index] : [],
  )
}
