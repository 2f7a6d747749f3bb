import { isJsonObject } from '@segno/schema/plan'
import type { Json } from '@segno/schema/plan'
import type { AttemptEffect } from '../driver/protocol.ts'
import type { AttemptOutcome } from '../kernel/decide.ts'
import type { PlanProcess } from '../kernel/plan.ts'
import type { Command, Shell } from '../ports/shell.ts'
import type { AttemptAtWork } from './attempt-at-work.ts'
import { failureOf, finalFailure } from './failure.ts'
import { versionDefault } from './handler-table.ts'
import type { HandlerDefinition } from './handler.ts'
import { perform, performCommand } from './perform.ts'
import { SecretProblem } from './secret-values.ts'
import type { SecretValues } from './secret-values.ts'

type Settle = (outcome: AttemptOutcome) => void

/** What an engine has for work to be done with: handlers, a shell, and the secrets that both get. */
export class Workbench {
  readonly secrets: SecretValues
  readonly #handlers: ReadonlyMap<string, HandlerDefinition<never, unknown>>
  readonly #shell: Shell | undefined

  constructor(
    handlers: ReadonlyMap<string, HandlerDefinition<never, unknown>>,
    shell: Shell | undefined,
    secrets: SecretValues,
  ) {
    this.#handlers = handlers
    this.#shell = shell
    this.secrets = secrets
  }

  /** Why this engine can make no attempt at it. */
  refusal({ node, major }: AttemptEffect): AttemptOutcome | undefined {
    const { handler: name } = node
    if (node.process !== undefined) return this.#shell === undefined ? noShell(name) : undefined
    const handler = this.#handlers.get(name)
    return handler === undefined ? missing(name) : otherMajor(name, major, handler.version)
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
    const performance = { path: atWork.path, input, outputSchema: node.outputSchema, masker: this.secrets.masker }
    const handler = this.#handlers.get(node.handler)
    if (node.process !== undefined && this.#shell !== undefined) {
      performCommand(this.#shell, commandOf(node.process, input), { performance, context: atWork, settle })
    } else if (handler !== undefined) perform(handler, performance, atWork, settle)
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

function missing(name: string): AttemptOutcome {
  const message = `no handler "${name}" is registered with this engine`
  return { kind: 'impossible', failure: finalFailure('HANDLER_MISSING', message) }
}

function noShell(verb: string): AttemptOutcome {
  const message = `this engine was given no shell, so it runs no \`${verb}\` steps`
  return { kind: 'impossible', failure: finalFailure('HANDLER_MISSING', message) }
}

function otherMajor(name: string, major: string | undefined, version = versionDefault): AttemptOutcome | undefined {
  if (major === undefined || version.startsWith(`${major}.`)) return undefined
  const message = `the handler "${name}" is registered in version ${version}, and the run needs version ${major}`
  return { kind: 'impossible', failure: finalFailure('HANDLER_VERSION', message) }
}
