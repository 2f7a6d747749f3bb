import type { Json, JsonObject, JsonSchema, ScriptShell } from '@segno/schema/plan'
import type { Masker } from './masker.ts'

/** What a step wants to be run: every value evaluated, secrets put in. */
export interface Command {
  /** A program and its arguments, or a script. */
  readonly program: { readonly argv: readonly string[] } | { readonly script: string; readonly shell: ScriptShell }
  /** The step's own variables: beside, and before, those that every process gets. */
  readonly env: Readonly<Record<string, string>>
  /** Relative to the workspace; its root unless given. */
  readonly cwd?: string
  readonly output?: OutputCapture
}

/** What becomes of what a process prints or leaves. */
export interface OutputCapture {
  readonly from: 'stdout' | 'lines' | 'json' | 'file' | 'files'
  readonly path?: string
  readonly schema?: JsonSchema
  readonly maxBytes: number
}

/** The attempt that a process belongs to. */
export interface CommandContext {
  readonly runId: string
  readonly path: string
  readonly attempt: number
  readonly idempotencyKey: string
  /** Aborted when the process has to end: it gets 5 s, then it is killed with all that it started. */
  readonly signal: AbortSignal
  readonly log: (message: string, details?: Json) => void
  /** Masks the step's secrets; everything that the process prints goes through it before it is written anywhere. */
  readonly masker: Masker
}

/** How a process ended that did what it should. */
export interface CommandResult {
  readonly exitCode: number
  readonly output?: Json
  /** What is known of its end: kept with the failure where its output is of no use. */
  readonly details?: JsonObject
}

/** Runs the processes of `exec` and `run` steps. */
export interface Shell {
  /**
   * Runs a command to its end. Rejects with an error that has `code`, `retryable`
   * and `details` (`exitCode`, `signal`, `stderrTail`, `evidence` as far as they are
   * known) when it cannot be started, fails, or leaves no output of the kind that
   * was asked for. Settles only once nothing is alive that the command started
   * in its process group.
   */
  run(command: Command, context: CommandContext): Promise<CommandResult>
}
