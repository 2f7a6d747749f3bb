import type { Json } from '@segno/schema'
import type { StepProgress } from '../progress/progress.ts'
import type { AttemptRecord, EnteredState, StepRecord } from '../step-record.ts'
import { shownPath } from '../workflow-file.ts'
import { failureDetail, type DetailOptions } from './epilogue.ts'
import { printable, statusStyles } from './terminal.ts'
import { clockTime, dateTime, took } from './took.ts'

/** How a step is shown. */
export interface StepDetailOptions extends DetailOptions {
  readonly cwd: string
  readonly now: number
  /** Whether values are shown in full. */
  readonly verbose: boolean
}

/** A step in full: its attempts, what it got and gave, what went wrong, and where its output is. */
export function stepLines(step: StepProgress, record: StepRecord, options: StepDetailOptions): string[] {
  const { glyphs, paint, now } = options
  const { status, startedAt, endedAt, kind, attempts, states = [], input, output } = record
  const time = startedAt === undefined ? '' : `  ${took((endedAt ?? now) - startedAt)}`
  const head = `${paint('bold', step.path)}  ${paint(statusStyles[status], `${glyphs.status[status]} ${status}`)}`
  return [
    `${head}  ${kind ?? ''}${paint('dim', time)}`,
    ...(startedAt === undefined ? [] : [`  started  ${dateTime(startedAt)}`]),
    ...(step.about === undefined ? [] : [`  ${printable(step.about)}`]),
    ...(step.note === undefined ? [] : [`  ${printable(step.note)}`]),
    ...(attempts.length === 0 ? [] : ['', ...attempts.flatMap((attempt) => attemptLines(attempt, options))]),
    ...(states.length === 0 ? [] : ['', ...states.map(stateLine)]),
    ...valueLines('input', input, options),
    ...valueLines('output', output, options),
    ...(step.failure === undefined || status === 'completed'
      ? []
      : ['', ...failureDetail(step, step.failure, options)]),
  ]
}

function stateLine({ at, index, state, by, signal }: EnteredState): string {
  const cause = by === 'signal' ? `on ${signal ?? ''}` : by === 'after' ? 'after a time' : ''
  return `  [${index}]  ${clockTime(at)}  ${state}  ${printable(cause)}`.trimEnd()
}

function attemptLines(record: AttemptRecord, { paint, now, cwd, glyphs }: StepDetailOptions): string[] {
  const { attempt, startedAt, endedAt, outcome = 'running', exitCode, failure, retryAt, output = [], run } = record
  const parts = [
    ...(run === undefined ? [] : [`run ${run}`]),
    ...(exitCode === undefined ? [] : [`exit code ${exitCode}`]),
    ...(failure === undefined ? [] : [`${failure.code}: ${failure.message}`]),
    ...(retryAt === undefined || endedAt === undefined ? [] : [`again after ${took(retryAt - endedAt)}`]),
  ]
  const why = printable(parts.join(` ${glyphs.dot} `))
  const line = `  attempt ${attempt}  ${clockTime(startedAt)}  ${took((endedAt ?? now) - startedAt)}  ${outcome}  ${why}`
  const files = output.map(({ file, bytes }) => paint('dim', `    ${shownPath(file, cwd)}  ${sizeText(bytes)}`))
  return [line.trimEnd(), ...files]
}

const valueMax = 2000

function valueLines(name: string, value: Json | undefined, { verbose, glyphs }: StepDetailOptions): string[] {
  if (value === undefined) return []
  const text = JSON.stringify(value, null, 2)
  const isCut = text.length > valueMax && !verbose
  const shown = isCut ? `${text.slice(0, valueMax)}\n${glyphs.ellipsis} (all of it with -v or -o json)` : text
  return ['', `  ${name}`, ...shown.split('\n').map((line) => `    ${line.replace(/\p{Cc}/gu, '\ufffd')}`)]
}

function sizeText(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`
  return bytes < 1024 ** 2 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / 1024 ** 2).toFixed(1)} MiB`
}
