import { isProcess } from './progress/step-index.ts'
import { failedStep, type Progress, type StepProgress } from './progress/progress.ts'
import type { Ending } from './screen/epilogue.ts'
import { shellWords } from './shell-words.ts'

/** A command that can be typed next, and what for. */
export type Next = readonly [what: string, command: string]

/** What `segno show` is for. */
export const lookAtIt = 'look at it'

/** What decides which commands are of use. */
export interface NextOptions {
  readonly ending: Ending
  /** Whether the run is gone with this process: then no command finds it. */
  readonly volatile: boolean
  /** The words after `segno` that started the run, where this command did. */
  readonly started?: readonly string[]
  /** Options that lead later commands to the same store, folder and configuration. */
  readonly same: readonly string[]
  /** Runs that it has started and waits for, and theirs. */
  readonly open?: readonly Progress[]
  /** The ids of runs that it has started, and that go on without it. */
  readonly left?: readonly string[]
  /** The id of the run that waits for it. */
  readonly parent?: string
}

/** What can be typed next, the most useful first. */
export function nextCommands(progress: Progress, options: NextOptions): readonly Next[] {
  const { ending, volatile, started, same } = options
  const command = (what: string, name: string, ...more: readonly string[]): Next => [
    what,
    shellWords(['segno', name, progress.runId, ...more, ...same]),
  ]
  const again: readonly Next[] = started === undefined ? [] : [['run it again', shellWords(['segno', ...started])]]
  if (volatile) return ending === 'completed' ? [] : again
  const others = othersOf(options)
  switch (ending) {
    case 'completed':
      return others
    // An ended run is closed for good: what continues it is a new run, which reuses what completed.
    case 'failed':
      return [
        command('go on from there', 'retry'),
        ...again,
        ...logsOf(progress, command),
        command(lookAtIt, 'show'),
        ...others,
      ]
    case 'cancelled':
    case 'timed out':
      return [command('go on from there', 'retry'), ...again, command(lookAtIt, 'show'), ...others]
    case 'blocked':
      return [
        command('try it again', 'retry'),
        ...decisionsOf(progress, command),
        ...logsOf(progress, command),
        command('give it up', 'cancel'),
      ]
    case 'waiting':
      return [...helpOf(progress, options), command('go on', 'resume'), command('give it up', 'cancel')]
    case 'paused':
    case 'crashed':
      return [command('go on', 'resume'), command('give it up', 'cancel')]
    case 'interrupted':
    case 'let go':
      return [...helpOf(progress, options), command('go on', 'resume')]
    default:
      return ending satisfies never
  }
}

/** How to go on with the runs beside it. */
function othersOf({ same, left = [], parent }: NextOptions): readonly Next[] {
  const resume = (what: string, which: string): Next => [what, shellWords(['segno', 'resume', which, ...same])]
  const started = 'go on with what it started'
  return [
    ...(parent === undefined ? [] : [resume('go on with what waits for it', parent)]),
    ...(left.length > helpMax ? [resume(started, '--all')] : left.map((runId) => resume(started, runId))),
  ]
}

const helpMax = 3

/** How to send what the run, and those that it waits for, wait for. */
function helpOf(progress: Progress, { same, open = [] }: NextOptions): readonly Next[] {
  const commands = [progress, ...open].flatMap((one) => [
    ...answersOf(one).map((path): Next => ['answer it', words('answer', one.runId, path)]),
    ...[...signalsOf(one)].map((name): Next => ['send the signal', words('signal', one.runId, name)]),
    ...(one !== progress && isBlocked(one) ? [['try it again', words('retry', one.runId)] as const] : []),
    ...(one !== progress && one.paused ? [['go on with it', words('resume', one.runId)] as const] : []),
  ])
  return commands.slice(0, helpMax)

  function words(...command: readonly string[]): string {
    return shellWords(['segno', ...command, ...same])
  }
}

function waitingOf({ live }: Progress): readonly StepProgress[] {
  return [...live].filter(({ status }) => status === 'waiting')
}

function answersOf(progress: Progress): readonly string[] {
  return waitingOf(progress).flatMap(({ asked, path, occurrence }) => (asked === true ? [occurrence ?? path] : []))
}

function signalsOf(progress: Progress): ReadonlySet<string> {
  return new Set(waitingOf(progress).flatMap(({ signals = [] }) => signals))
}

function isBlocked({ live, held }: Progress): boolean {
  return held !== undefined || [...live].some(({ status }) => status === 'blocked')
}

// What people can make of what is blocked, or of a limit that was reached.
function decisionsOf(
  { live, held }: Progress,
  command: (what: string, name: string, ...more: readonly string[]) => Next,
): readonly Next[] {
  if (held?.includes('limit') === true) return [command('raise the limit', 'raise', '--steps', '200000')]
  const step = [...live].find(({ status }) => status === 'blocked')
  const path = step?.occurrence ?? step?.path
  if (path === undefined) return []
  return [command('go on without it', 'skip', path), command('say what it gives', 'override', path, '-d', 'null')]
}

function logsOf(progress: Progress, command: (what: string, name: string, step: string) => Next): readonly Next[] {
  const step = failedStep(progress) ?? [...progress.live].find(({ status }) => status === 'blocked')
  if (step?.declared === undefined || step.attempt === 0 || !isProcess(step.declared.kind)) return []
  return [command('all that it printed', 'logs', step.occurrence ?? step.path)]
}
