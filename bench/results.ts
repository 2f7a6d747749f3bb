import type { Machine } from './machine.ts'
import type { Group, ListedSubject, ToldSubject } from './modules.ts'
import { measuredRow, type MeasuredRow, type Row } from './rows.ts'
import type { LostSubject } from './session.ts'
import { judge, targets, type Verdict } from './targets.ts'
import type { Sizes } from './task.ts'

/** A session, as `results.json` keeps it. */
export interface Results {
  readonly machine: { readonly before: Machine; readonly after: Machine }
  readonly sizes: Sizes
  readonly subjects: readonly ToldSubject[]
  readonly rows: readonly MeasuredRow[]
  readonly failures: readonly Failed[]
  readonly verdicts: readonly Verdict[]
}

/** What could not be measured though it was to be. */
export interface Failed {
  readonly group: Group
  readonly subject: string
  readonly workload: string
  readonly why: string
}

/** What a session has found. */
export interface Found {
  readonly machine: Results['machine']
  readonly sizes: Sizes
  readonly subjects: readonly ListedSubject[]
  readonly lost: readonly LostSubject[]
  readonly rows: readonly Row[]
  /** Why the peers could not be installed. */
  readonly notInstalled: string | undefined
}

/** Puts a session together: the rounds as one, and the targets judged. */
export function results({ machine, sizes, subjects, lost, rows, notInstalled }: Found): Results {
  const measured = rows.map(measuredRow)
  const told = subjects.map(({ name, group, durability, settings, versions, leftOut }) => {
    return { name, group, durability, settings, versions, leftOut }
  })
  const groups = new Map(told.map(({ name, group }) => [name, group]))
  const failures = [
    ...(notInstalled === undefined ? [] : [failure('peer', 'all peers', 'install', notInstalled)]),
    ...lost.map(({ group, file, failed }) => failure(group, file, 'load', failed)),
    ...rows.flatMap(({ workload, subject, rounds }) =>
      rounds.flatMap((round) =>
        'failed' in round ? [failure(groups.get(subject) ?? 'segno', subject, workload, round.failed)] : [],
      ),
    ),
  ]
  const verdicts = targets.map((target) => judge(target, measured, told))
  return { machine, sizes, subjects: told, rows: measured, failures, verdicts }
}

function failure(group: Group, subject: string, workload: string, why: string): Failed {
  return { group, subject, workload, why }
}
