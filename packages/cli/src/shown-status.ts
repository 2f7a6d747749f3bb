import { isTerminal, type RunRow, type RunStatus } from '@segno/core'

/** The status of a run as screens tell it: `crashed` is seen from outside, and never kept. */
export type ShownStatus = RunStatus | 'crashed'

/** Every status that a run can be shown in. */
export const shownStatuses = [
  ...(['queued', 'running', 'waiting', 'paused', 'blocked', 'cancelling'] as const),
  ...(['completed', 'failed', 'cancelled', 'crashed'] as const),
] satisfies readonly ShownStatus[]

/** How a run stands, seen from outside. */
export function shownStatus({ status, holder }: Pick<RunRow, 'status' | 'holder'>): ShownStatus {
  return holder?.isLost === true && !isTerminal(status) ? 'crashed' : status
}
