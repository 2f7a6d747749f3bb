import type { AbortCode } from '../ports/abort.ts'
import { abortOf } from '../kernel/outstanding.ts'
import type { RunState } from '../kernel/state.ts'
import type { AttemptEffect, DriverRequest } from './protocol.ts'
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

  /** Lets its handler begin, also where it is to stop already: it is what tells how that ends. */
  begin(effect: AttemptEffect, state: RunState | undefined): readonly DriverRequest[] {
    const { path, attempt } = effect
    this.#attempts.set(path, { attempt, aborted: false })
    const step = state?.steps.get(path)
    const stop = step?.status === 'cancelling' ? this.abort({ path, attempt }, abortOf(step).code) : []
    return [{ type: 'perform', attempt: effect }, ...stop]
  }

  /** The journal has given these up, whatever their handlers still do. */
  forget(names: readonly AttemptName[]): readonly DriverRequest[] {
    return names.flatMap(({ path, attempt }) => {
      if (!this.has({ path, attempt })) return []
      this.#attempts.delete(path)
      return [{ type: 'forget', path, attempt } as const]
    })
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

/** Whether the journal wants an attempt to be at work. */
export function isWanted(state: RunState | undefined, { path, attempt }: AttemptName): boolean {
  const step = state?.steps.get(path)
  return step !== undefined && step.attempt === attempt && (step.status === 'running' || step.status === 'cancelling')
}
