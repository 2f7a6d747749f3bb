import type { AbortCode } from '../ports/abort.ts'
import type { DriverRequest } from './protocol.ts'
import type { AttemptName } from './transaction-line.ts'

/** Attempts whose handlers are at work here, by path. Each is told to stop at most once. */
export class LocalAttempts {
  readonly #attempts = new Map<string, { readonly attempt: number; aborted: boolean }>()

  get size(): number {
    return this.#attempts.size
  }

  has({ path, attempt }: AttemptName): boolean {
    return this.#attempts.get(path)?.attempt === attempt
  }

  add({ path, attempt }: AttemptName): void {
    this.#attempts.set(path, { attempt, aborted: false })
  }

  delete({ path }: AttemptName): void {
    this.#attempts.delete(path)
  }

  /** What tells it to stop, unless that was done. */
  abort({ path, attempt }: AttemptName, code: AbortCode): readonly DriverRequest[] {
    const local = this.#attempts.get(path)
    if (local === undefined || local.attempt !== attempt || local.aborted) return []
    local.aborted = true
    return [{ type: 'abort', path, attempt, code }]
  }

  /** The same for all of them, or for those that are meant. */
  abortAll(code: AbortCode, isMeant: (name: AttemptName) => boolean = () => true): readonly DriverRequest[] {
    return [...this.#attempts].flatMap(([path, { attempt }]) =>
      isMeant({ path, attempt }) ? this.abort({ path, attempt }, code) : [],
    )
  }
}
