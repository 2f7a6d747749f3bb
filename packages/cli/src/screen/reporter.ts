import type { RunEvent } from '@segno/schema'
import type { Progress, StepProgress } from '../progress/progress.ts'
import { ciLog } from './ci.ts'
import type { EventLine } from './event-line.ts'
import { createPainter, restoreTerminal } from './painter.ts'
import { plainLog, type PlainLog } from './plain.ts'
import type { SourceText } from './source-place.ts'
import type { Streams } from './streams.ts'
import type { Look } from './terminal.ts'
import type { UiMode } from './ui-mode.ts'
import { view } from './view.ts'

/** Shows a run while it goes on. */
export interface Reporter {
  /** An event that has just been folded into the progress. */
  event(event: RunEvent): void
  /** What the engine or a handler logs. */
  log(at: number, line: EventLine): void
  /** Text that is no progress: what somebody writes to the standard streams. */
  text(text: string): void
  /** Leaves the screen as it is for what comes last. */
  stop(): void
}

/** What reporters are made of. */
export interface ReporterOptions {
  readonly look: Look
  readonly streams: Pick<Streams, 'stdout' | 'stderr'>
  readonly progress: Progress
  /** The file of the workflow, or its name. */
  readonly title: string
  readonly source: SourceText | undefined
  /** The first line of a log. */
  readonly head: (progress: Progress) => string
  /** The last lines that the process of a step has printed. */
  readonly tail: (step: StepProgress) => readonly string[]
}

/** The reporter of a mode. */
export function createReporter(mode: UiMode, options: ReporterOptions): Reporter {
  const { streams, look } = options
  const log = plainLog(look, { lists: options.progress.lists, head: options.head })
  const quiet: Reporter = {
    event: () => undefined,
    log: (at, line) => streams.stderr(`${log.line(at, line)}\n`),
    text: streams.stderr,
    stop: () => undefined,
  }
  switch (mode) {
    case 'tree':
      return treeReporter(log, options)
    case 'plain':
      return logReporter(log, options)
    case 'ci':
      return logReporter(ciLog(log, { ...options, glyphs: look.glyphs }), options)
    case 'ndjson':
      return { ...quiet, event: (event) => streams.stdout(`${JSON.stringify(event)}\n`) }
    case 'quiet':
    case 'json':
      return quiet
    default:
      return mode satisfies never
  }
}

const frameMs = 100

function treeReporter(log: PlainLog, { look, streams, progress, title, tail }: ReporterOptions): Reporter {
  const { stderr } = process
  const frame = (): string[] => {
    const { cols, rows } = stderr.isTTY ? { cols: stderr.columns, rows: stderr.rows } : { cols: 80, rows: 24 }
    return progress.runId === '' ? [] : view(progress, { ...look, cols, rows, now: Date.now(), title, tail })
  }
  const painter = createPainter({ write: streams.stderr, frame })
  const timer = setInterval(() => painter.draw(), frameMs)
  const resized = (): void => painter.invalidate()
  // Also a process that is made to exit leaves a terminal with a cursor.
  const restore = (): void => streams.stderr(restoreTerminal)
  stderr.on('resize', resized)
  process.on('exit', restore)
  let partial = ''
  return {
    event: () => undefined,
    log: (at, line) => painter.above(log.line(at, line)),
    text(text) {
      const end = text.lastIndexOf('\n') + 1
      if (end > 0) painter.above(partial + text.slice(0, end))
      partial = end > 0 ? text.slice(end) : partial + text
    },
    stop() {
      clearInterval(timer)
      stderr.off('resize', resized)
      if (partial !== '') painter.above(partial)
      painter.stop()
      process.off('exit', restore)
    },
  }
}

const silenceMs = 30_000

function logReporter(log: PlainLog, { streams, progress }: ReporterOptions): Reporter {
  const print = (lines: readonly string[]): void => {
    for (const line of lines) streams.stderr(`${line}\n`)
    if (lines.length > 0) timer.refresh()
  }
  let stopped = false
  const timer = setInterval(() => print(log.liveness(progress, Date.now())), silenceMs)
  return {
    event: (event) => print(log.event(event, progress)),
    log: (at, line) => print([log.line(at, line)]),
    text: streams.stderr,
    stop() {
      clearInterval(timer)
      if (!stopped) for (const line of log.rest()) streams.stderr(`${line}\n`)
      stopped = true
    },
  }
}
