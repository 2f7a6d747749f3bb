import type { AttemptEffect } from '../driver/protocol.ts'
import { SegnoError } from '../error.ts'
import type { AbortCode } from '../ports/abort.ts'
import type { Masker } from '../ports/masker.ts'
import type { CommandContext } from '../ports/shell.ts'
import type { Sql } from '../ports/storage.ts'
import type { Logger } from './engine-options.ts'
import type { HandlerContext } from './handler.ts'
import type { SecretValues } from './secret-values.ts'

/** The attempt at work, and the way to stop it. */
export class AttemptAtWork implements HandlerContext, CommandContext {
  readonly runId: string
  readonly path: string
  readonly attempt: number
  readonly idempotencyKey: string
  /** Given to it with its transaction. */
  sql?: Sql
  readonly #logger: Logger | undefined
  readonly #secrets: SecretValues
  readonly #secretNames: readonly string[]
  // An abort controller costs more than a small step; most handlers never ask for the signal.
  #controller: AbortController | undefined
  #aborted: AbortCode | undefined
  #leave: (() => void) | undefined
  #isQueued = true
  #isOver = false

  constructor(
    runId: string,
    { path, attempt, key, node }: Pick<AttemptEffect, 'path' | 'attempt' | 'key' | 'node'>,
    { logger, secrets }: { readonly logger: Logger | undefined; readonly secrets: SecretValues },
  ) {
    this.runId = runId
    this.path = path
    this.attempt = attempt
    this.idempotencyKey = key
    this.#logger = logger
    this.#secrets = secrets
    this.#secretNames = node.secrets
  }

  /** Its turn has come, and `left` gives its place to others, if there are any; false if nobody waits for it any more. */
  enter(left: (() => void) | undefined): boolean {
    if (this.#isOver) return false
    this.#leave = left
    this.#isQueued = false
    return true
  }

  /** Nobody waits for it any more. */
  leave(): void {
    this.#isOver = true
    this.#isQueued = false
    this.#leave?.()
    this.#leave = undefined
  }

  /** Whether its turn has not come yet. */
  get isQueued(): boolean {
    return this.#isQueued
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController()
    if (this.#aborted !== undefined && !this.#controller.signal.aborted) this.#controller.abort(reasonOf(this.#aborted))
    return this.#controller.signal
  }

  get log(): HandlerContext['log'] {
    const { runId, path, attempt } = this
    const logger = this.#logger
    return (message, details) => {
      logger?.log('info', message, { runId, path, attempt, ...(details === undefined ? {} : { details }) })
    }
  }

  get masker(): Masker {
    return this.#secrets.masker
  }

  get secrets(): HandlerContext['secrets'] {
    const { path } = this
    const [names, values] = [this.#secretNames, this.#secrets]
    return {
      async get(name) {
        if (names.includes(name)) return await values.get(name)
        throw new SegnoError(
          'ARGUMENT_INVALID',
          `The step "${path}" has no secret ${JSON.stringify(name)} in its \`secrets\``,
        )
      },
    }
  }

  abort(code: AbortCode): void {
    this.#aborted ??= code
    this.#controller?.abort(reasonOf(code))
  }
}

function reasonOf(code: AbortCode): Error {
  return Object.assign(new Error(`the attempt has to stop: ${code}`), { name: 'AbortError', code, retryable: true })
}
