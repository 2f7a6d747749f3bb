import type { ToldSubject } from './modules.ts'
import type { Results } from './results.ts'
import type { MeasuredRow } from './rows.ts'
import type { Verdict } from './targets.ts'

const groups = ['segno', 'raw', 'peer'] as const

/** The results as a page of tables. */
export function resultsPage(results: Results): string {
  const sections = [
    keyTables(results),
    section('How long a run takes', latencyTable(results)),
    section('Segno alone', aloneTable(results)),
    section('What is missing', missing(results)),
    section('What was measured', [...machineLines(results), '', ...subjectTable(results.subjects)]),
  ]
  return `${['# Results of the bench', '', ...intro(results), ...sections.flat()].join('\n')}\n`
}

/** The tables that say the most: targets, and the same work for every engine. */
export function keyTables(results: Results): string[] {
  return [
    ...section('What Segno must reach', targetTable(results.verdicts)),
    ...section('The same work for every engine', engineTable(results)),
  ]
}

function intro({ sizes }: Results): string[] {
  const rounds = sizes.rounds === 1 ? 'One round' : `${sizes.rounds} rounds`
  return [
    `Written by \`npm run bench\`. ${rounds}, each measurement in a new process, subjects in turn. The best of the`,
    'rounds is shown; targets are judged by the median, ratios by the median of the ratios round by round, counts by the worst.',
    '',
  ]
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`## ${title}`, '', ...lines, '']
}

function targetTable(verdicts: readonly Verdict[]): string[] {
  const rows = verdicts.map(({ what, wanted, measured, over, ratio, verdict, note }) => [
    ...[what, wanted, measured === undefined ? '' : shown(measured)],
    over === undefined ? '' : `${shown(over.measured)} (${over.subject})`,
    ratio === undefined ? '' : ratio.toFixed(2),
    `${verdict === 'MISSED' ? '**MISSED**' : verdict}${note === undefined ? '' : `: ${note}`}`,
  ])
  return table(['what', 'target', 'measured', 'over', 'ratio', ''], rows)
}

/** The columns of the main table: workload and figure. */
const columns = [
  ['W1s', 'stepsPerSecond', 'W1s steps/s'],
  ['W1c', 'stepsPerSecond', 'W1c steps/s'],
  ['W2', 'ms', 'W2 ms'],
  ['W3', 'ms', 'W3 ms'],
  ['W3', 'lastToFirst', 'last/first'],
  ['W3', 'peakMiB', 'peak MiB'],
  ['W4', 'firstStepMs', 'W4 first new step ms'],
  ['W4', 'doneMs', 'done ms'],
  ['W4', 'twice', 'done twice'],
] as const

function engineTable({ subjects, rows }: Results): string[] {
  const lines = groups.flatMap((group) =>
    subjects
      .filter((subject) => subject.group === group)
      .map(({ name, durability }) => [
        group === 'raw' ? `*${name}*` : name,
        durability,
        ...columns.map(([workload, figure]) =>
          cell(
            rows.find((row) => row.workload === workload && row.subject === name),
            figure,
          ),
        ),
      ]),
  )
  return table(['engine', 'durable through', ...columns.map(([, , title]) => title)], lines)
}

function latencyTable({ subjects, rows }: Results): string[] {
  const lines = subjects.flatMap(({ name }) => {
    const [one, many] = ['W1s', 'W1c'].map((workload) =>
      rows.find((row) => row.workload === workload && row.subject === name),
    )
    if (one === undefined && many === undefined) return []
    return [[name, cell(one, 'p50Ms'), cell(one, 'p99Ms'), cell(many, 'p50Ms'), cell(many, 'p99Ms')]]
  })
  return table(['ms a run', 'W1s p50', 'W1s p99', 'W1c p50', 'W1c p99'], lines)
}

/** What no other is measured by, figure by figure. */
function aloneTable({ rows }: Results): string[] {
  const shared = new Set<string>(['W1s', 'W1c', 'W2', 'W3', 'W4'])
  const lines = rows
    .filter(({ workload }) => !shared.has(workload))
    .flatMap(({ workload, subject, best, median }) =>
      Object.keys(best).map((name) => [workload, subject, name, shown(best[name]), shown(median[name])]),
    )
  return table(['workload', 'of', 'figure', 'best', 'median'], lines)
}

function missing({ subjects, rows, failures }: Results): string[] {
  const leftOut = subjects.flatMap(({ name, leftOut: reasons }) =>
    Object.entries(reasons).map(([workload, why]) => [name, workload, `left out: ${why}`]),
  )
  const told = new Set(leftOut.map(([name, workload]) => `${name} ${workload}`))
  const found = rows.flatMap(({ workload, subject, rounds }) => {
    const last = rounds.at(-1)
    if (last === undefined || !('leftOut' in last) || told.has(`${subject} ${workload}`)) return []
    return [[subject, workload, `left out: ${last.leftOut}`]]
  })
  const failed = failures.map(({ subject, workload, why }) => [subject, workload, `failed: ${why}`])
  return table(['who', 'what', 'why'], [...failed, ...leftOut, ...found])
}

function machineLines({ machine: { before, after }, sizes }: Results): string[] {
  const differs = Object.entries(before).map(([name, value]) =>
    after[name] === value ? `${name} ${value}` : `${name} ${value} at the beginning, ${after[name]} at the end`,
  )
  const size = Object.entries(sizes).map(([name, value]) => `${name} ${value.toLocaleString('en-US')}`)
  return [`- Machine: ${differs.join('; ')}`, `- Sizes: ${size.join('; ')}`]
}

function subjectTable(subjects: readonly ToldSubject[]): string[] {
  const lines = subjects.map(({ name, settings, versions }) => [
    ...[name, settings],
    Object.entries(versions)
      .map(([packageName, version]) => `${packageName} ${version}`)
      .join(', '),
  ])
  return table(['subject', 'settings', 'packages'], lines)
}

function cell(row: MeasuredRow | undefined, figure: string): string {
  const value = row?.best[figure]
  if (value !== undefined) return shown(value)
  const last = row?.rounds.at(-1)
  if (last === undefined || !('failed' in last)) return ''
  return last.failed.startsWith('not done') ? last.failed : 'failed'
}

/** A figure with three digits that say something. */
export function shown(value: number | undefined): string {
  if (value === undefined || !Number.isFinite(value)) return ''
  if (Number.isInteger(value) || Math.abs(value) >= 1000) return Math.round(value).toLocaleString('en-US')
  return String(Number(value.toPrecision(3)))
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  if (rows.length === 0) return []
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((text) => text.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)]
}
