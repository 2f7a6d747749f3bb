import type { JsonObject } from '@segno/schema/plan'

/** What expressions see of the run. */
export interface RunFacts {
  readonly id: string
  /** RFC 3339. */
  readonly startedAt: string
  readonly labels: Readonly<Record<string, string>>
}

/** A failure as `catch`, `finally` and `stepOf` see it. */
export interface FailureFacts {
  readonly code: string
  readonly message: string
  readonly retryable: boolean
  readonly details?: JsonObject
}

/** What expressions see of a step beside its output. */
export interface StepFacts {
  readonly status: 'pending' | 'running' | 'waiting' | 'completed' | 'failed' | 'skipped' | 'cancelled'
  readonly failure?: FailureFacts
  readonly attempts?: number
  readonly startedAt?: string
  readonly durationMs?: number
  /** Of the process of `exec` or `run`. */
  readonly exitCode?: number
}
