import type { Progress, ProgressStatus, StepProgress } from '../progress/progress.ts'
import { harmless } from './harmless.ts'
import { printable, statusStyles, type Look } from './terminal.ts'
import { took } from './took.ts'

/** The window that a view has, and when it is looked at. */
export interface Window extends Look {
  readonly cols: number
  readonly rows: number
  /** Epoch ms. */
  readonly now: number
  /** What the head line names: the file of the workflow. */
  readonly title: string
  /** The last lines that the process of a step has printed, as it wrote them. */
  readonly tail?: (step: StepProgress) => readonly string[]
}

interface Row {
  readonly text: string
  readonly step: StepProgress
  /** What stands below it, for as long as there is room. */
  readonly tail: readonly string[]
  /** Counts rows from inside outwards, so that a block is folded after what it holds. */
  order: number
}

/**
 * The live tree: a head, a row per step, and a line of progress; never more
 * lines than the window has rows. Where there are too many, what processes print
 * goes first, then pending rows are folded, then done ones; what runs, waits or
 * failed stays.
 */
export function view(progress: Progress, window: Window): string[] {
  const { paint, rows } = window
  const width = widthOf(window)
  const head = cut(`${window.title}  ${progress.runId}`, width, window)
  const body = folded(treeRows(progress, window), Math.max(1, rows - 3), window)
  return [paint('bold', head), ...body, progressLine(progress, window)]
}

// Longer lines than this are hard to follow to their end.
const widthMax = 100

function widthOf({ cols }: Window): number {
  return Math.max(20, Math.min(cols - 1, widthMax))
}

function treeRows(progress: Progress, window: Window): Row[] {
  const found: Row[] = []
  let order = 0
  const visit = (steps: readonly StepProgress[], indent: string): void => {
    steps.forEach((step, index) => {
      const isLast = index === steps.length - 1
      const branch = isLast ? window.glyphs.lastBranch : window.glyphs.branch
      const inside = indent + (isLast ? '   ' : window.glyphs.bar)
      const text = rowText(step, indent + branch, window)
      const row: Row = { text, step, tail: tailLines(step, inside, window), order: 0 }
      found.push(row)
      if (isOpen(step)) visit(step.children, inside)
      row.order = order++
    })
  }
  visit(progress.children, '')
  return found
}

function tailLines(step: StepProgress, indent: string, window: Window): readonly string[] {
  const { glyphs, paint, tail } = window
  if (tail === undefined || step.status !== 'running') return []
  const mark = `${indent}${glyphs.output}`
  return tail(step).map((line) => paint('dim', cut(mark + harmless(line), widthOf(window), window)))
}

// A loop, a state machine, or a pass of one, that is over has become one row.
function isOpen(step: StepProgress): boolean {
  if (step.status !== 'completed') return true
  return step.declared !== undefined && step.passes === undefined && step.declared.exits === undefined
}

function rowText(step: StepProgress, indent: string, window: Window): string {
  const { glyphs, paint } = window
  const width = widthOf(window)
  const time = timeText(step, window.now)
  const label = `${glyphs.status[step.status]} ${step.label}`
  const note = noteText(step, window)
  const room = width - time.length - (time === '' ? 0 : 2)
  const left = cut(`${indent}${label}`, room, window)
  const rest = room - left.length - 2
  const shown = note === '' || rest < 4 ? '' : `  ${cut(note, rest, window)}`
  const gap = time === '' ? '' : ' '.repeat(width - left.length - shown.length - time.length)
  const style = statusStyles[step.status]
  const colored = left.startsWith(indent + label) ? `${paint('dim', indent)}${paint(style, label)}` : paint(style, left)
  return `${colored}${shown === '' ? '' : paint('dim', shown)}${gap}${time === '' ? '' : paint('dim', time)}`
}

function timeText(step: StepProgress, now: number): string {
  if (step.startedAt === undefined || step.status === 'pending' || step.status === 'skipped') return ''
  return took((step.endedAt ?? now) - step.startedAt)
}

/** What a row says beside its name. */
function noteText(step: StepProgress, { now, glyphs }: Window): string {
  const { status, attempt, declared, failure, passes } = step
  const parts: string[] = []
  const max = declared?.attemptsMax
  if (attempt > 1 || (status === 'retrying' && max !== undefined)) {
    parts.push(`attempt ${attempt}${max === undefined ? '' : `/${max}`}`)
  }
  if (passes !== undefined) parts.push(passesText(step, passes))
  if (step.about !== undefined) parts.push(step.about)
  if (step.note !== undefined) parts.push(step.note)
  parts.push(...awaitedText(step, now))
  if (failure !== undefined && status !== 'completed') parts.push(`${failure.code}: ${failure.message}`)
  return printable(parts.join(` ${glyphs.dot} `))
}

/** What a row waits for, and how long at most. */
function awaitedText({ status, declared, asked, signals = [], due, deadline }: StepProgress, now: number): string[] {
  const parts: string[] = []
  if (status !== 'waiting' && status !== 'retrying') return parts
  if (asked === true) parts.push('waits for an answer')
  // A machine at rest tells it in the row of its state; the note of a `waitFor` names its signal.
  if (signals.length > 0 && declared === undefined) parts.push(`waits for ${signals.join(', ')}`)
  if (due !== undefined) {
    const word = status === 'retrying' ? 'retry' : declared === undefined ? 'goes on' : 'wakes'
    parts.push(`${word} in ${took(due - now)}`)
  }
  if (deadline !== undefined && status === 'waiting') parts.push(`times out in ${took(deadline - now)}`)
  return parts
}

function passesText(step: StepProgress, passes: number): string {
  if (step.declared?.kind !== 'forEach') return `pass ${Math.min(step.children.length, passes)} of at most ${passes}`
  if (step.status === 'completed') return passes === 1 ? '1 item' : `${passes} items`
  return `${step.children.filter((pass) => pass.endedAt !== undefined).length}/${passes} items`
}

type Class = 'stays' | 'done' | 'pending'

function classOf({ status, parent }: StepProgress): Class {
  switch (status) {
    case 'pending':
      return 'pending'
    case 'completed':
    case 'skipped':
      return 'done'
    case 'failed':
    case 'cancelled':
      // A failure that the block around it has handled is done with.
      return parent?.status === 'completed' ? 'done' : 'stays'
    case 'running':
    case 'retrying':
    case 'waiting':
    case 'blocked':
    case 'cancelling':
      return 'stays'
    default:
      return status satisfies never
  }
}

function folded(rows: readonly Row[], room: number, window: Window): string[] {
  if (rows.length <= room) return withTails(rows, room)
  let over = rows.length - room
  const hidden = new Set<Row>()
  const counts = { done: 0, pending: 0, stays: 0 }
  const fold = (kind: Class, candidates: readonly Row[]): void => {
    // The line that tells what is hidden takes a row itself.
    if (over > 0) over++
    for (const row of candidates) {
      if (over <= 0) return
      hidden.add(row)
      counts[kind]++
      over--
    }
  }
  const of = (kind: Class): Row[] => rows.filter(({ step }) => classOf(step) === kind)
  fold('pending', of('pending').toReversed())
  fold(
    'done',
    of('done').toSorted((a, b) => a.order - b.order),
  )
  fold('stays', of('stays').toReversed().toSorted(failedLast))
  const line = (kind: Class, word: string): string[] =>
    counts[kind] === 0 ? [] : [window.paint('dim', `${window.glyphs.ellipsis} ${counts[kind]} ${word}`)]
  return [
    ...line('done', 'done hidden'),
    ...rows.filter((row) => !hidden.has(row)).map(({ text }) => text),
    ...line('stays', 'more under way'),
    ...line('pending', 'pending hidden'),
  ]
}

// All of them, or none: a window whose rows come and go cannot be read.
function withTails(rows: readonly Row[], room: number): string[] {
  const all = rows.flatMap(({ text, tail }) => [text, ...tail])
  return all.length <= room ? all : rows.map(({ text }) => text)
}

// Only what cannot be shown at all is hidden of what runs; what failed is the last to go.
function failedLast(a: Row, b: Row): number {
  return Number(a.step.status === 'failed') - Number(b.step.status === 'failed')
}

const shownCounts: readonly ProgressStatus[] = [
  ...(['completed', 'running', 'retrying', 'waiting', 'blocked', 'cancelling'] as const),
  ...(['failed', 'cancelled', 'pending', 'skipped'] as const),
]

const barWidth = 20

function progressLine(progress: Progress, window: Window): string {
  const { glyphs, paint, now } = window
  const { counts } = progress
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0)
  const done = counts.completed + counts.skipped + counts.failed + counts.cancelled
  const full = total === 0 ? 0 : Math.floor((done / total) * barWidth)
  const bar = glyphs.full.repeat(full) + paint('dim', glyphs.empty.repeat(barWidth - full))
  const parts = shownCounts
    .filter((status) => counts[status] > 0)
    .map((status) => paint(statusStyles[status], `${glyphs.status[status]} ${counts[status]}`))
  const time = took((progress.endedAt ?? now) - progress.startedAt)
  return [`${bar} ${done}/${total}`, ...parts, time].join('  ')
}

function cut(text: string, width: number, { glyphs }: Look): string {
  if (text.length <= width) return text
  return text.slice(0, Math.max(0, width - glyphs.ellipsis.length)) + glyphs.ellipsis
}
