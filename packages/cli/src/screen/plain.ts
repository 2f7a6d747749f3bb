import type { RunEvent, StepKind } from '@segno/schema'
import type { Progress, StepProgress } from '../progress/progress.ts'
import type { Lists } from '../progress/step-index.ts'
import { eventLine, restLine, type EventLine } from './event-line.ts'
import type { Look } from './terminal.ts'
import { clockTime, took } from './took.ts'

/** Prints the lines of one run, each with its time, path and word in columns. */
export interface PlainLog {
  /** One line of a step, or of the run where the path is empty. */
  line(at: number, line: EventLine): string
  /** The lines of an event that has just been folded. */
  event(event: RunEvent, progress: Progress): string[]
  /** What says that something still runs, for whoever takes silence for a hang. */
  liveness(progress: Progress, now: number): string[]
  /** What has been held back, when no more comes. */
  rest(): string[]
}

const pathWidthMin = 10
const pathWidthMax = 40

/** An append-only log: a line is never changed. */
export function plainLog(
  look: Look,
  { lists, head }: { readonly lists: Progress['lists']; readonly head: (progress: Progress) => string },
): PlainLog {
  const pathWidth = Math.min(pathWidthMax, Math.max(pathWidthMin, longestPath(lists)))
  const line = (at: number, { path, word, rest, style }: EventLine): string => {
    const name = path === '' ? 'run' : path
    const columns = `${name.padEnd(pathWidth)}  ${look.paint(style, word.padEnd(9))}  ${rest}`
    return `${look.paint('dim', clockTime(at))}  ${columns}`.trimEnd()
  }
  return {
    line,
    event(event, progress) {
      if (event.type === 'run.created') return [look.paint('bold', head(progress))]
      const about = eventLine(event, progress)
      const rest = restedIn(progress, event)
      const told = [...(about === undefined ? [] : [about]), ...(rest === undefined ? [] : [restLine(rest)])]
      return told.map((one) => line(event.at, one))
    },
    liveness(progress, now) {
      const busy = [...progress.live].filter(
        ({ children, declared }) => children.length === 0 && declared !== undefined,
      )
      if (busy.length === 0) return []
      const named = busy.slice(0, namedMax).map((step) => `${step.path} ${took(now - (step.startedAt ?? now))}`)
      const more = busy.length > namedMax ? [`${busy.length - namedMax} more`] : []
      const rest = [...named, ...more].join(` ${look.glyphs.dot} `)
      return [line(now, { path: look.glyphs.ellipsis, word: 'running', rest, style: 'cyan' })]
    },
    rest: () => [],
  }
}

const namedMax = 5

// The state that this event brought a machine to rest in: its entry, or the end of its last step.
function restedIn(progress: Progress, event: RunEvent): StepProgress | undefined {
  const isEntry = event.type === 'state.entered'
  if (!isEntry && event.type !== 'step.completed' && event.type !== 'step.skipped' && event.type !== 'step.failed')
    return
  const step = progress.steps.get(event.path)
  const pass = isEntry ? step?.state?.pass : step?.parent
  return pass?.status === 'waiting' && pass.parent?.state?.pass === pass ? pass : undefined
}

// A column that grew with the paths that come up would be none.
function longestPath(lists: Lists, known = new Map<Lists, number>()): number {
  const before = known.get(lists)
  if (before !== undefined) return before
  let longest = 0
  for (const step of [...lists.values()].flat()) {
    const inside = longestPath(step.lists, known)
    const pass = passKinds.has(step.kind) ? '[0]'.length : 0
    const undo = step.undo === undefined ? 0 : '.undo'.length
    longest = Math.max(longest, step.id.length + undo, step.id.length + pass + (inside === 0 ? 0 : 1 + inside))
  }
  known.set(lists, longest)
  return longest
}

const passKinds: ReadonlySet<StepKind> = new Set(['forEach', 'repeat', 'states'])
