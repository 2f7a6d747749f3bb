import { isProcess } from './progress/step-index.ts'
import { failedStep, type Progress } from './progress/progress.ts'
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
}

/** What can be typed next, the most useful first. */
export function nextCommands(progress: Progress, { ending, volatile, started, same }: NextOptions): readonly Next[] {
  const command = (what: string, name: string, ...more: readonly string[]): Next => [
    what,
    shellWords(['segno', name, progress.runId, ...more, ...same]),
  ]
  const again: readonly Next[] = started === undefined ? [] : [['run it again', shellWords(['segno', ...started])]]
  if (volatile) return again
  switch (ending) {
    case 'completed':
      return []
    // An ended run is closed for good: what continues it is a new run, which reuses what completed.
    case 'failed':
      return [command('go on from there', 'retry'), ...again, ...logsOf(progress, command), command(lookAtIt, 'show')]
    case 'cancelled':
    case 'timed out':
      return [command('go on from there', 'retry'), ...again, command(lookAtIt, 'show')]
    case 'blocked':
      return [command('try it again', 'retry'), ...logsOf(progress, command), command('give it up', 'cancel')]
    case 'waiting':
      return [...signalsOf(progress, command), command('go on', 'resume'), command('give it up', 'cancel')]
    case 'paused':
    case 'crashed':
      return [command('go on', 'resume'), command('give it up', 'cancel')]
    case 'interrupted':
    case 'let go':
      return [...signalsOf(progress, command), command('go on', 'resume')]
    default:
      return ending satisfies never
  }
}

const signalsMax = 3

/** How to send what the run waits for. */
function signalsOf(progress: Progress, command: (what: string, name: string, signal: string) => Next): readonly Next[] {
  const waiting = [...progress.live].filter(({ status }) => status === 'waiting')
  const names = new Set(waiting.flatMap(({ signal }) => signal ?? []))
  return [...names].slice(0, signalsMax).map((name) => command('send the signal', 'signal', name))
}

function logsOf(progress: Progress, command: (what: string, name: string, step: string) => Next): readonly Next[] {
  const step = failedStep(progress) ?? [...progress.live].find(({ status }) => status === 'blocked')
  if (step?.declared === undefined || step.attempt === 0 || !isProcess(step.declared.kind)) return []
  return [command('all that it printed', 'logs', step.occurrence ?? step.path)]
}
