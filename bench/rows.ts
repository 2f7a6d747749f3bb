import { median } from './samples.ts'
import type { Figures } from './task.ts'

/** What came of one workload with one subject, round by round. */
export interface Row {
  readonly workload: string
  readonly subject: string
  readonly rounds: readonly RoundOutcome[]
}

/** Figures, or why there are none. */
export type RoundOutcome = { readonly figures: Figures } | { readonly leftOut: string } | { readonly failed: string }

/** A workload with a subject: what it reached at best, in the middle and at worst, and in each round. */
export interface MeasuredRow extends Row {
  readonly best: Figures
  readonly median: Figures
  readonly worst: Figures
}

/** Says what came of the rounds together. */
export function measuredRow(row: Row): MeasuredRow {
  const most = (samples: readonly number[]): number => Math.max(...samples)
  const least = (samples: readonly number[]): number => Math.min(...samples)
  return {
    ...row,
    best: overRounds(row.rounds, (figure) => (isMoreBetter(figure) ? most : least)),
    median: overRounds(row.rounds, () => median),
    worst: overRounds(row.rounds, (figure) => (isMoreBetter(figure) ? least : most)),
  }
}

function overRounds(
  rounds: readonly RoundOutcome[],
  pick: (figure: string) => (samples: readonly number[]) => number,
): Figures {
  const measured = rounds.flatMap((round) => ('figures' in round ? [round.figures] : []))
  const names = new Set(measured.flatMap((figures) => Object.keys(figures)))
  return Object.fromEntries(
    [...names].map((name) => [name, pick(name)(measured.flatMap((figures) => figures[name] ?? []))]),
  )
}

/** Whether a figure is better when it is more. */
export function isMoreBetter(figure: string): boolean {
  return figure.endsWith('PerSecond')
}
