import type { MutantName } from './mutants.ts'
import type { StorePlace } from './store-place.ts'

/** How a worker is to work, as its parent tells it on the command line. */
export interface WorkerOptions {
  /** Tells it from all others of its torture. */
  readonly name: string
  readonly store: StorePlace
  readonly ledger: string
  readonly workspace: string
  readonly leaseMs: number
  /** How many runs that have not ended there are to be; 0 to end what there is, and to stop then. */
  readonly live: number
  /** Which workflows and inputs it starts. */
  readonly seed: number
  /** A key under which another worker may have started the same run. */
  readonly idempotencyKey: string
  readonly mutant?: MutantName
}
