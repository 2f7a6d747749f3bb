import type { RunHandle } from '@segno/core'
import type { Json } from '@segno/schema'
import { exitCodes, type ExitCode } from './exit-code.ts'
import type { Followed } from './follow.ts'
import type { Ending } from './screen/epilogue.ts'

/** How a command leaves a run, and what its exit code says of it. */
export interface Outcome {
  readonly ending: Ending
  readonly code: ExitCode
  readonly output?: Readonly<Record<string, Json>>
}

/** What became of a run that was followed. */
export async function outcomeOf(run: RunHandle, followed: Followed): Promise<Outcome> {
  if (followed !== 'ended') return { ending: followed, code: exitCodes.waiting }
  const result = await run.result()
  switch (result.status) {
    case 'completed':
      return { ending: 'completed', code: exitCodes.ok, output: result.output }
    case 'failed':
      return { ending: 'failed', code: exitCodes.runFailed }
    case 'cancelled':
      return { ending: 'cancelled', code: exitCodes.cancelled }
    default:
      return result satisfies never
  }
}
