/**
 * Where an attempt leaves what people read: what its process printed, prompts,
 * responses. Never read back as truth.
 */
export interface Evidence {
  /** The folder of an attempt, absolute; made when something is written to it. */
  folder(runId: string, path: string, attempt: number): string
}
