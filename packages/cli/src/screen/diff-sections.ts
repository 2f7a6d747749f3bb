import type { Both, RunDiff, StepDiff } from '@segno/core'
import type { DefinitionDiff, Json, StepChange, ValueChange } from '@segno/schema'
import { printable } from './terminal.ts'
import { took } from './took.ts'

/** What a line is about: something new, something gone, something else now, or a number beside. */
export type Mark = '+' | '-' | '~' | ' '

/** One line of a comparison. */
export interface DiffRow {
  readonly mark: Mark
  readonly name: string
  readonly text: string
}

/** Lines that belong together. */
export interface Section {
  readonly title: string
  readonly rows: readonly DiffRow[]
}

/** What differs between two runs, and how long each took. */
export function runSections(diff: RunDiff): readonly Section[] {
  const { definition, status, input, output, failure, steps } = diff
  const states = status === undefined ? [] : [{ mark: '~' as const, name: 'status', text: bothText(status) }]
  return filled([
    { title: 'run', rows: states },
    ...(definition === undefined ? [] : definitionSections(definition)),
    { title: 'input', rows: input.map(valueRow) },
    { title: 'output', rows: output.map(valueRow) },
    { title: 'failure', rows: failure.map(valueRow) },
    { title: 'steps', rows: steps.flatMap(stepRows) },
    { title: 'times', rows: [totalRow(diff), ...steps.flatMap(timeRows)] },
  ])
}

/** What differs between two definitions. Steps of which only the order is another stand by themselves. */
export function definitionSections({ header, steps }: DefinitionDiff): readonly Section[] {
  return filled([
    { title: 'workflow', rows: header.map(valueRow) },
    { title: 'definition', rows: steps.flatMap(changeRows) },
    {
      title: 'order',
      rows: steps.flatMap((step): readonly DiffRow[] =>
        step.change === 'kept' && step.reordered
          ? [{ mark: '~', name: step.id, text: 'another place in its list' }]
          : [],
      ),
    },
  ])
}

function filled(sections: readonly Section[]): readonly Section[] {
  return sections.filter(({ rows }) => rows.length > 0)
}

function changeRows(step: StepChange): readonly DiffRow[] {
  const { id } = step
  if (step.change !== 'kept') {
    return [{ mark: step.change === 'added' ? '+' : '-', name: id, text: `${step.kind} in ${step.list}` }]
  }
  const moved: readonly DiffRow[] =
    step.moved === undefined ? [] : [{ mark: '~', name: id, text: `moved from ${step.moved.from} to ${step.moved.to}` }]
  return [...moved, ...step.fields.map((change) => ({ ...valueRow(change), name: `${id}${change.pointer}` }))]
}

function stepRows(step: StepDiff): readonly DiffRow[] {
  const { path, status, attempts, branch, output, failure } = step
  if (step.in !== 'both') {
    const [mark, one] = step.in === 'after' ? (['+', status?.after] as const) : (['-', status?.before] as const)
    return [{ mark, name: path, text: one ?? '' }]
  }
  const row = (name: string, both: Both<string | number> | undefined): readonly DiffRow[] =>
    both === undefined ? [] : [{ mark: '~', name: path, text: `${name} ${bothText(both)}` }]
  const values = (name: string, changes: readonly ValueChange[]): readonly DiffRow[] =>
    changes.map((change) => ({ mark: '~', name: path, text: `${name}${change.pointer} ${changeText(change)}` }))
  return [
    ...row('status', status),
    ...row('attempts', attempts),
    ...row('branch', branch),
    ...values('output', output),
    ...values('failure', failure),
  ]
}

function totalRow({ before, after }: RunDiff): DiffRow {
  const [one, other] = [before.durationMs, after.durationMs]
  return { mark: ' ', name: 'in all', text: timeText(one, other) }
}

// A step that takes no time in either is of no interest.
function timeRows({ path, durationMs: { before, after } }: StepDiff): readonly DiffRow[] {
  if ((before ?? 0) === 0 && (after ?? 0) === 0) return []
  return [{ mark: ' ', name: path, text: timeText(before, after) }]
}

function timeText(before: number | undefined, after: number | undefined): string {
  const times = [before, after].map((ms) => (ms === undefined ? 'not over' : took(ms)))
  if (before === undefined || after === undefined || before === after) return times.join(' → ')
  const delta = after - before
  return `${times.join(' → ')}  ${delta > 0 ? '+' : '-'}${took(Math.abs(delta))}`
}

function valueRow(change: ValueChange): DiffRow {
  const { pointer, before, after } = change
  const mark = before === undefined ? '+' : after === undefined ? '-' : '~'
  return { mark, name: pointer === '' ? '/' : pointer, text: changeText(change) }
}

function changeText({ before, after }: ValueChange): string {
  if (before === undefined) return shown(after ?? null)
  return after === undefined ? shown(before) : `${shown(before)} → ${shown(after)}`
}

function bothText({ before, after }: Both<string | number>): string {
  return `${before ?? 'none'} → ${after ?? 'none'}`
}

const shownMax = 60

function shown(value: Json): string {
  const text = printable(JSON.stringify(value))
  return text.length <= shownMax ? text : `${text.slice(0, shownMax - 1)}…`
}
