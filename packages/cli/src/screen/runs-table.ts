import { shellWords } from '../shell-words.ts'
import type { ShownStatus } from '../shown-status.ts'
import { printable, runSign, type Look } from './terminal.ts'
import { ago, took } from './took.ts'

/** A run as the list shows it. */
export interface ListedRun {
  readonly runId: string
  readonly workflow: string
  readonly status: ShownStatus
  readonly createdAt: number
  /** Of a run that has ended. */
  readonly endedAt?: number
  /** When the lease ran out, of a run whose process is gone. */
  readonly lostAt?: number
  readonly labels: Readonly<Record<string, string>>
  /** The step of another run that started it. */
  readonly parent?: { readonly runId: string; readonly path: string }
  /** How many steps are done, of those that have come up. */
  readonly steps?: { readonly done: number; readonly total: number } | undefined
}

/** How the list looks, and what its commands need to find the same runs. */
export interface TableOptions extends Look {
  readonly now: number
  readonly same: readonly string[]
}

const heads = ['STATUS', 'RUN', 'WORKFLOW', 'STARTED', 'TOOK', 'STEPS'] as const

/** A line for each run, in columns, with what to do about those that need somebody. */
export function runsTable(runs: readonly ListedRun[], options: TableOptions): string[] {
  const { paint, glyphs } = options
  const cells = runs.map((run) => cellsOf(run, options))
  const widths = heads.map((head, at) => Math.max(head.length, ...cells.map((row) => row[at]?.length ?? 0)))
  const columns = (row: readonly string[]): string => row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  ')
  const head = paint('dim', `  ${columns(heads)}`.trimEnd())
  const lines = runs.map((run, at) => {
    const [sign, style] = runSign(run.status, glyphs)
    const [status = '', ...rest] = cells[at] ?? []
    const first = paint(style, `${sign} ${status.padEnd(widths[0] ?? 0)}`)
    const others = rest.map((cell, index) => cell.padEnd(widths[index + 1] ?? 0)).join('  ')
    const advice = adviceFor(run, options)
    return `${first}  ${others}${advice === '' ? '' : `  ${paint('dim', advice)}`}`.trimEnd()
  })
  return [head, ...lines]
}

function cellsOf({ status, runId, workflow, createdAt, endedAt, steps }: ListedRun, options: TableOptions): string[] {
  const { now, glyphs } = options
  return [
    status,
    runId,
    printable(workflow),
    ago(now - createdAt),
    endedAt === undefined ? glyphs.dash : took(endedAt - createdAt),
    steps === undefined ? glyphs.dash : `${steps.done}/${steps.total}`,
  ]
}

function adviceFor(run: ListedRun, options: TableOptions): string {
  const { glyphs } = options
  const parts = [
    ...(run.parent === undefined ? [] : [`of ${run.parent.runId} at ${printable(run.parent.path)}`]),
    ...needOf(run, options),
  ]
  return parts.length === 0 ? '' : `${glyphs.arrow} ${parts.join(` ${glyphs.dot} `)}`
}

function needOf({ status, runId, lostAt }: ListedRun, { now, glyphs, same }: TableOptions): readonly string[] {
  const command = (name: string): string => shellWords(['segno', name, runId, ...same])
  switch (status) {
    case 'crashed': {
      const lost =
        lostAt === undefined || lostAt > now ? 'its process is gone' : `its lease ran out ${ago(now - lostAt)}`
      return [`${lost} ${glyphs.dot} ${command('resume')}`]
    }
    case 'paused':
      return [command('resume')]
    case 'blocked':
      return [command('retry')]
    default:
      return []
  }
}
