import { isJsonObject } from '@segno/schema/plan'
import type { HandlerPin, Json } from '@segno/schema/plan'
import type { AttemptEffect } from '../driver/protocol.ts'
import type { AttemptOutcome } from '../kernel/decide.ts'
import { majorOf } from '../kernel/outstanding.ts'
import type { Plan, PlanProcess } from '../kernel/plan.ts'
import type { Files } from '../ports/files.ts'
import type { Http } from '../ports/http.ts'
import type { Command, Shell } from '../ports/shell.ts'
import type { AttemptAtWork } from './attempt-at-work.ts'
import { failureOf, finalFailure } from './failure.ts'
import { versionDefault } from './handler-table.ts'
import type { HandlerDefinition } from './handler.ts'
import { performEmit } from './perform-emit.ts'
import type { EmitMeans } from './perform-emit.ts'
import { performHttp } from './perform-http.ts'
import { performWatch } from './perform-watch.ts'
import { perform, performCommand } from './perform.ts'
import { SecretProblem } from './secret-values.ts'
import type { SecretValues } from './secret-values.ts'

type Settle = (outcome: AttemptOutcome) => void
type Refusal = Extract<AttemptOutcome, { kind: 'impossible' }>

/** What an engine has for work to be done with. */
export interface Means extends EmitMeans {
  readonly handlers: ReadonlyMap<string, HandlerDefinition<never, unknown>>
  readonly shell: Shell | undefined
  readonly http: Http | undefined
  readonly glob: Files['glob'] | undefined
}

/** Does the work of attempts: calls handlers, runs commands, sends requests and signals, looks for files. */
export class Workbench {
  readonly secrets: SecretValues
  readonly #means: Means

  constructor(means: Means, secrets: SecretValues) {
    this.#means = means
    this.secrets = secrets
  }

  /** Why this engine can make no attempt at it. */
  refusal({ node, major }: Pick<AttemptEffect, 'node' | 'major'>): Refusal | undefined {
    const { handler: name } = node
    const { shell, http, glob, handlers } = this.#means
    if (node.process !== undefined) return shell === undefined ? without(name, 'a shell') : undefined
    switch (name) {
      case 'http':
        return http === undefined ? without(name, 'an `http`') : undefined
      case 'watch':
        return glob === undefined ? without(name, '`files` that can glob') : undefined
      case 'emit':
        return undefined
      default: {
        const handler = handlers.get(name)
        return handler === undefined ? missing(name) : otherMajor(name, major, handler.version)
      }
    }
  }

  /** Why this engine cannot do all the work of a plan; `pins` are the handlers that a run of it has recorded. */
  lack(plan: Plan, pins: Readonly<Record<string, HandlerPin>> = {}): string | undefined {
    for (const node of plan.nodes) {
      if (node.kind !== 'work') continue
      const refusal = this.refusal({ node, major: node.major ?? majorOf(pins[node.handler]?.version) })
      if (refusal !== undefined) return refusal.failure.message
    }
    return undefined
  }

  /** The input of an attempt as its handler gets it, secrets put in; or why it cannot be had. */
  async prepare({ node }: AttemptEffect, input: Json): Promise<{ readonly input: Json } | AttemptOutcome> {
    try {
      return { input: await this.secrets.putInto(input, node.secretSlots) }
    } catch (error) {
      return { kind: error instanceof SecretProblem ? 'impossible' : 'failed', failure: failureOf(error) }
    }
  }

  /** Begins the work; `refusal` has been asked. */
  perform({ node }: AttemptEffect, input: Json, atWork: AttemptAtWork, settle: Settle): void {
    const { shell, http, glob, handlers, clock } = this.#means
    const performance = { path: atWork.path, input, outputSchema: node.outputSchema, masker: this.secrets.masker }
    const handler = handlers.get(node.handler)
    if (node.process !== undefined && shell !== undefined) {
      performCommand(shell, commandOf(node.process, input), { performance, context: atWork, settle })
    } else if (node.request !== undefined && http !== undefined) {
      const { idempotencyKey } = atWork
      performHttp(
        http,
        { ...node.request, input: isJsonObject(input) ? input : {}, idempotencyKey },
        { performance, context: atWork, settle },
      )
    } else if (node.handler === 'watch' && glob !== undefined) performWatch({ glob, clock }, input, atWork, settle)
    else if (node.handler === 'emit') performEmit(this.#means, input, atWork, settle)
    else if (handler !== undefined) perform(handler, performance, atWork, settle)
  }
}

function commandOf({ script, cwd, capture }: PlanProcess, input: Json): Command {
  const { argv = [], env = {}, path } = isJsonObject(input) ? input : {}
  return {
    // The kernel has made texts of all of them.
    program: script === undefined ? { argv: argv as readonly string[] } : { script: script.text, shell: script.shell },
    env: env as Readonly<Record<string, string>>,
    ...(cwd === undefined ? {} : { cwd }),
    ...(capture === undefined ? {} : { output: { ...capture, ...(typeof path === 'string' ? { path } : {}) } }),
  }
}

function missing(name: string): Refusal {
  const message = `no handler "${name}" is registered with this engine`
  return { kind: 'impossible', failure: finalFailure('HANDLER_MISSING', message) }
}

function without(verb: string, means: string): Refusal {
  const message = `this engine was given no ${means.replace(/^an? /, '')}, so it does no \`${verb}\` steps`
  return { kind: 'impossible', failure: finalFailure('HANDLER_MISSING', message) }
}

function otherMajor(name: string, major: string | undefined, version = versionDefault): Refusal | undefined {
  if (major === undefined || version.startsWith(`${major}.`)) return undefined
  const message = `the handler "${name}" is registered in version ${version}, and the run needs version ${major}`
  return { kind: 'impossible', failure: finalFailure('HANDLER_VERSION', message) }
}
