import { codeFrame, type Failure, type FailureCode } from '@segno/schema'
import { failedStep, type Progress, type ProgressStatus, type StepProgress } from '../progress/progress.ts'
import type { ShownStatus } from '../shown-status.ts'
import { placeOfStep, type SourceText } from './source-place.ts'
import { excerptLines, type Excerpt } from './excerpt.ts'
import { printable, runSign, type Look } from './terminal.ts'
import { took } from './took.ts'

/** How the command leaves a run. */
export type Ending =
  | ('completed' | 'failed' | 'cancelled' | 'timed out')
  | ('waiting' | 'blocked' | 'paused' | 'interrupted' | 'let go' | 'crashed')

/** What a failure is shown with. */
export interface DetailOptions extends Look {
  /** The file of the workflow, where it still says what the run is pinned to. */
  readonly source?: SourceText
  readonly color: boolean
  /** What the process of a failed step printed last. */
  readonly excerpt?: (step: StepProgress) => Excerpt | undefined
}

/** What the last words on the screen are made of. */
export interface EpilogueOptions extends DetailOptions {
  readonly ending: Ending
  /** Whether nothing of the run outlives the process. */
  readonly volatile: boolean
  /** Runs that it has started and waits for, and theirs. */
  readonly open?: readonly Progress[]
  /** What can be typed next, and what for. */
  readonly next: readonly (readonly [what: string, command: string])[]
  readonly now: number
}

/** The last words about a run: how it ended, why and where, and what to do. */
export function epilogue(progress: Progress, options: EpilogueOptions): string[] {
  const { ending } = options
  const body = ending === 'failed' ? failureLines(progress, options) : stuckLines(progress, options)
  const isDone = ending === 'completed'
  const lines = [headline(progress, options), ...body, ...closing(options)]
  return isDone ? lines : ['', ...lines]
}

const endingWords: Readonly<Record<Ending, readonly [like: ShownStatus, words: string]>> = {
  completed: ['completed', 'completed in'],
  failed: ['failed', 'failed in'],
  cancelled: ['cancelled', 'was cancelled after'],
  'timed out': ['cancelled', 'was cancelled by --timeout after'],
  waiting: ['waiting', 'is waiting after'],
  blocked: ['blocked', 'is blocked after'],
  paused: ['paused', 'is paused after'],
  interrupted: ['cancelled', 'was interrupted after'],
  'let go': ['cancelled', 'was let go of after'],
  crashed: ['crashed', 'has lost its process after'],
}

const countWords: readonly (readonly [ProgressStatus, string])[] = [
  ['failed', 'failed'],
  ['blocked', 'blocked'],
  ['running', 'running'],
  ['retrying', 'retrying'],
  ['waiting', 'waiting'],
  ['cancelled', 'cancelled'],
  ['pending', 'not started'],
  ['skipped', 'skipped'],
  ['completed', 'completed'],
]

// A run that completed has dealt with what failed in it, and waits for nothing.
const completedWords: typeof countWords = [
  ['completed', 'completed'],
  ['skipped', 'skipped'],
  ['cancelled', 'cancelled'],
  ['failed', 'failed and handled'],
]

function headline(progress: Progress, { ending, glyphs, paint, now }: EpilogueOptions): string {
  const [like, words] = endingWords[ending]
  const time = took((progress.endedAt ?? now) - progress.startedAt)
  const counts = (ending === 'completed' ? completedWords : countWords)
    .filter(([name]) => progress.counts[name] > 0)
    .map(([name, word]) => `${progress.counts[name]} ${word}`)
  const [sign, style] = runSign(like, glyphs)
  const text = `${sign} ${progress.runId} ${words} ${time}`
  return `${paint(style, text)} ${glyphs.dash} ${counts.join(', ')}`
}

function failureLines(progress: Progress, options: EpilogueOptions): string[] {
  const { failure } = progress
  if (failure === undefined) return []
  const step = failedStep(progress)
  const where =
    step === undefined
      ? [`  ${coded(failure, options)}`, ...reasonLines(failure, options)]
      : failureDetail(step, failure, options)
  return ['', ...where]
}

/** A failed step: its path and code, its message in full, and the lines that declare it. */
export function failureDetail(step: StepProgress, failure: Failure, options: DetailOptions): string[] {
  const { source, paint, color } = options
  const place = placeOfStep(step, source)
  const attempts = step.attempt > 1 ? ` after ${step.attempt} attempts` : ''
  const head = `  ${paint('bold', step.path)}  ${coded(failure, options)}${attempts}`
  const printed = options.excerpt?.(step)
  const box = printed === undefined ? [] : ['', ...excerptLines(printed, options)]
  // What a process printed says more than the details of how it ended.
  const said = printed === undefined ? failure : withoutDetails(failure)
  const lines = [head, ...reasonLines(said, options)]
  if (place === undefined) return [...lines, ...box]
  const { range } = place
  const where = `  ${paint('blue', '-->')} ${place.source.file}:${range.start.line}:${range.start.column}`
  const frame = codeFrame(range, place.source.text, { color })
  return [...lines, '', where, ...frame.split('\n').map((line) => `  ${line}`), ...box]
}

function withoutDetails(failure: Failure): Failure {
  const { details: _, ...rest } = failure
  return rest
}

function coded({ code }: Failure, { paint }: Look): string {
  return paint('red', printable(code))
}

/** What a failure says, with what it was caused by. */
function reasonLines(failure: Failure, options: Look): string[] {
  return [
    ...messageLines(failure),
    ...detailLines(failure),
    ...causeLines(failure.cause, options),
    ...adviceLines(failure),
  ]
}

const advice: Readonly<Record<string, string>> = {
  HANDLER_MISSING: 'add it to `handlers` of segno.config.ts, or name the configuration with --config; then retry',
  HANDLER_VERSION: 'register the handler in that version; then retry',
} satisfies Partial<Record<FailureCode, string>>

function adviceLines({ code }: Failure): string[] {
  const line = advice[code]
  return line === undefined ? [] : [`  ${line}`]
}

function messageLines({ message }: Failure): string[] {
  return message.split('\n').map((line) => `  ${printable(line)}`)
}

const detailsMax = 2000

function detailLines({ details }: Failure): string[] {
  if (details === undefined) return []
  const text = JSON.stringify(details, null, 2)
  const shown = text.length > detailsMax ? `${text.slice(0, detailsMax)}\n… (all of it with -o json)` : text
  return shown.split('\n').map((line) => `  ${line.replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, '\ufffd')}`)
}

function causeLines(cause: Failure | undefined, options: Look): string[] {
  if (cause === undefined) return []
  const line = `  caused by ${coded(cause, options)} ${printable(cause.message)}`
  return [line, ...causeLines(cause.cause, options)]
}

/** What a run that cannot go on, or was stopped, is at. */
function stuckLines(progress: Progress, options: EpilogueOptions): string[] {
  if (options.ending === 'completed') return []
  const own = restLines(progress, options)
  const others = (options.open ?? []).flatMap((run) => {
    const { runId, workflow } = run
    return [
      '',
      `  ${runId}  ${options.paint('dim', printable(workflow))}`,
      ...restLines(run, options).map((line) => `  ${line}`),
    ]
  })
  const lines = [...own, ...(options.ending === 'cancelled' ? [] : others)]
  return lines.length === 0 ? [] : ['', ...lines]
}

function restLines(progress: Progress, options: EpilogueOptions): string[] {
  const reasons = [progress.reason, progress.held].filter((reason) => reason !== undefined)
  // A block that runs tells nothing that those in it do not.
  const steps = [...progress.live].filter(
    ({ children, declared, status }) => declared !== undefined && (children.length === 0 || status !== 'running'),
  )
  const why = [...causeOfUndo(progress, options), ...reasons.map((reason) => `  ${printable(reason)}`)]
  return [...why, ...steps.flatMap((step) => liveLines(step, options))]
}

// Why a run takes back what it did is told by its end, which has not come.
function causeOfUndo({ undoing, children }: Progress, { paint }: EpilogueOptions): string[] {
  const failed = undoing
    ? children.find(({ status, declared }) => status === 'failed' && declared?.tolerant === false)
    : undefined
  if (failed?.failure === undefined) return []
  const { code, message } = failed.failure
  return [`  ${paint('bold', failed.path)}  failed  ${printable(`${code}: ${message}`)}; what completed is taken back`]
}

function liveLines(step: StepProgress, options: EpilogueOptions): string[] {
  const { failure, status } = step
  if (status === 'blocked' && failure !== undefined) return failureDetail(step, failure, options)
  const why = failure === undefined ? waitText(step) : `${failure.code}: ${failure.message}`
  return [`  ${options.paint('bold', step.path)}  ${status}  ${printable(why)}`.trimEnd()]
}

/** What a step that rests is at. */
function waitText({ status, about, note, asked, state, signals = [] }: StepProgress): string {
  if (asked === true) return `for an answer: ${note ?? ''}`
  if (state !== undefined)
    return [`in ${state.name}`, ...(signals.length === 0 ? [] : [`for ${signals.join(', ')}`])].join(', ')
  const what = note ?? about
  return what === undefined ? '' : status === 'waiting' ? `for ${what}` : what
}

function closing({ ending, volatile, next, paint }: EpilogueOptions): string[] {
  const isOpen = !['completed', 'failed', 'cancelled', 'timed out'].includes(ending)
  const gone = isOpen && volatile ? ['', '  The run was kept in memory: its state is gone with this process.'] : []
  const width = Math.max(0, ...next.map(([what]) => what.length))
  const commands = next.map(([what, command]) => `  ${paint('dim', what.padEnd(width))}  ${command}`)
  return [...gone, ...(commands.length === 0 ? [] : ['', ...commands])]
}
