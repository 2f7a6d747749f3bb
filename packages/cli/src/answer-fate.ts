import type { RunHandle } from '@segno/core'
import type { Because } from '@segno/schema'
import { CommandError } from './command-error.ts'
import { exitCodes } from './exit-code.ts'
import { printable } from './screen/terminal.ts'

/** What became of an answer, as far as this command has heard. */
export type Fate =
  { readonly outcome: 'answered' | 'kept' | 'duplicate' } | { readonly outcome: 'ignored'; readonly because: Because }

/** How long the journal is watched unless somebody wants to wait: whoever waits with the run looks once a second. */
const followMs = 2500

/** Waits until the run says what became of an answer; for a short while, or as long as it takes. */
export async function fateOf(
  run: RunHandle,
  id: string,
  { from, wait }: { readonly from: number; readonly wait: boolean },
): Promise<Fate> {
  const decision = await run.decision(id, wait ? { from } : { from, signal: AbortSignal.timeout(followMs) })
  switch (decision.outcome) {
    case 'counted':
      return { outcome: 'answered' }
    case 'open':
      return { outcome: 'kept' }
    case 'ignored':
      return decision
    default:
      return decision satisfies never
  }
}

const ignoredCodes = {
  TASK_CHANGED: 'TASK_CHANGED',
  TASK_CLOSED: 'TASK_CLOSED',
  ANSWER_LATE: 'ANSWER_LATE',
  ANSWER_INVALID: 'ANSWER_INVALID',
  RUN_CLOSED: 'RUN_CLOSED',
} as const

/** Why an answer does not count, for whoever sent it. */
export function ignoredError(path: string, { code, message = code }: Because): CommandError {
  const known = Object.values(ignoredCodes).find((one) => one === code) ?? 'ANSWER_INVALID'
  const complaint = { code: known, message: `the answer to ${path} does not count: ${printable(message)}` }
  return new CommandError(complaint, { exitCode: exitCodes.conflict })
}
