import type { Progress, StepProgress } from '../progress/progress.ts'
import { stepAt } from '../progress/rows.ts'
import type { PlainLog } from './plain.ts'
import { placeOfStep, type SourceText } from './source-place.ts'
import type { Glyphs } from './terminal.ts'
import { took } from './took.ts'

/** What the log of a GitHub workflow is made from. */
export interface CiOptions {
  /** The file of the workflow, or its name. */
  readonly title: string
  readonly source: SourceText | undefined
  readonly glyphs: Glyphs
}

/** A run as the log of a GitHub workflow shows it: a group for each top-level step, a failure as an annotation at once. */
export function ciLog(plain: PlainLog, { title, source, glyphs }: CiOptions): PlainLog {
  // Groups cannot be nested or mixed, so the lines of a step wait for its end.
  const groups = new Map<string, string[]>()
  const told = new Set<string>()
  return {
    line: plain.line,
    event(event, progress) {
      const lines = plain.event(event, progress)
      if (!('path' in event) || event.path === '') return lines
      const step = stepAt(progress, event.path)
      const notes = event.type === 'step.failed' && step ? annotation(step, title, source) : []
      const top = step === undefined ? event.path : topOf(step).path
      // A run that a step has started may end after the step.
      if (told.has(top)) return [...notes, ...lines]
      const group = groups.get(top) ?? []
      groups.set(top, group)
      group.push(...lines)
      if (step?.path !== top || step.endedAt === undefined) return notes
      groups.delete(top)
      told.add(top)
      return [...notes, `::group::${glyphs.status[step.status]} ${top}${tookText(step)}`, ...group, '::endgroup::']
    },
    liveness: plain.liveness,
    rest: () => [...groups.values()].flat(),
  }
}

/** The end of a run for the page of the job (`GITHUB_STEP_SUMMARY`), in Markdown. */
export function ciSummary(progress: Progress, file: string): string {
  const { status, counts, failure } = progress
  const rows = Object.entries(counts).filter(([, count]) => count > 0)
  const table = ['| steps | |', '|---|---|', ...rows.map(([name, count]) => `| ${name} | ${count} |`)]
  const why = failure === undefined ? [] : ['', `\`${failure.code}\` ${markdownText(failure.message)}`]
  return [`### ${file}: ${status}`, '', ...table, ...why, ''].join('\n')
}

function markdownText(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[\\`*_{}[\]()<>#|!&]/g, '\\$&')
}

// A step that fails because of one inside it has been told with that one.
function annotation(step: StepProgress, file: string, source: SourceText | undefined): string[] {
  const { failure } = step
  if (failure === undefined || step.children.some((child) => hasFailed(child))) return []
  const found = placeOfStep(step, source)
  const place = found === undefined ? '' : `,line=${found.range.start.line},col=${found.range.start.column}`
  const command = isTolerated(step) ? 'warning' : 'error'
  const title = property(`${step.path}: ${failure.code}`)
  return [
    `::${command} file=${property(found?.source.file ?? file)}${place},title=${title}::${message(failure.message)}`,
  ]
}

function hasFailed(step: StepProgress): boolean {
  return step.status === 'failed' || step.children.some(hasFailed)
}

function isTolerated(step: StepProgress | undefined): boolean {
  return step !== undefined && (step.declared?.tolerant === true || isTolerated(step.parent))
}

function topOf(step: StepProgress): StepProgress {
  let top = step
  while (top.parent !== undefined) top = top.parent
  return top
}

function tookText({ startedAt, endedAt }: StepProgress): string {
  return startedAt === undefined || endedAt === undefined ? '' : ` ${took(endedAt - startedAt)}`
}

/** Text after `::` in a command of a GitHub workflow. */
export function message(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

/** The value of a property in a command of a GitHub workflow. */
export function property(text: string): string {
  return message(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}
