import type { Failure, RunEvent } from '@segno/schema'
import type { Progress } from '../progress/progress.ts'
import { printable, type Style } from './terminal.ts'
import { took } from './took.ts'

/** What an append-only log says of one event. */
export interface EventLine {
  /** Of the step; empty for the run. */
  readonly path: string
  readonly word: string
  readonly rest: string
  readonly style: Style
}

/** The line of an event that has just been folded into `progress`; none for what would only repeat another. */
export function eventLine(event: RunEvent, progress: Progress): EventLine | undefined {
  const about = lineOf(event, progress)
  if (about === undefined) return undefined
  const [word, style, ...parts] = about
  const path = 'path' in event ? `${event.path}${'index' in event ? `[${event.index}]` : ''}` : ''
  const rest = parts.filter((part) => part !== '').map(printable)
  return { path, word, style, rest: rest.join('  ') }
}

type About = readonly [word: string, style: Style, ...parts: string[]]

function lineOf(event: RunEvent, progress: Progress): About | undefined {
  switch (event.type) {
    case 'attempt.started':
      return ['started', 'cyan', event.attempt > 1 ? attemptText(event, progress) : '']
    case 'attempt.failed':
      return ['failed', 'yellow', attemptText(event, progress), failureText(event.failure), retryText(event)]
    case 'attempt.lost':
      return ['lost', 'yellow', 'its process is gone; it is tried again']
    case 'attempt.abandoned':
      return ['abandoned', 'yellow', 'it did not stop in time; its outcome is unknown']
    case 'step.started':
      return startedLine(event)
    case 'branch.taken':
      return event.branch === 'none' ? undefined : ['branch', 'dim', event.branch.replace(/^case:/, '')]
    case 'step.completed':
      if (event.reused === true) return ['reused', 'dim']
      return ['ok', 'green', durationOf(event.path, progress)]
    case 'step.failed':
      return ['failed', 'red', durationOf(event.path, progress), failureText(event.failure)]
    case 'step.skipped':
      return ['skipped', 'dim', event.because.message ?? event.because.code.toLowerCase()]
    case 'step.cancelled':
      return ['cancelled', 'yellow', event.because.message ?? event.because.code.toLowerCase()]
    case 'step.blocked':
      return ['blocked', 'red', failureText(event.failure)]
    case 'timer.set':
      return event.purpose === 'sleep' ? ['waiting', 'yellow', `for ${took(event.due - event.at)}`] : undefined
    case 'iteration.completed':
    case 'iteration.failed':
    case 'iteration.cancelled':
      return passLine(event)
    default:
      return runLine(event)
  }
}

function runLine(event: RunEvent): About | undefined {
  switch (event.type) {
    case 'run.blocked':
      return ['blocked', 'red', event.because.message ?? event.because.code]
    case 'run.unblocked':
      return ['goes on', 'green']
    case 'cancel.requested':
      return ['cancelling', 'yellow', event.because.message ?? event.because.code]
    case 'signal.received':
      return ['signal', 'cyan', event.name]
    default:
      return undefined
  }
}

function startedLine(event: Extract<RunEvent, { type: 'step.started' }>): About {
  if (event.signal !== undefined) {
    const limit = event.deadline === undefined ? '' : `at most ${took(event.deadline - event.at)}`
    return ['waiting', 'yellow', `for signal ${event.signal}`, limit]
  }
  if (event.count !== undefined) return ['started', 'cyan', event.count === 1 ? '1 item' : `${event.count} items`]
  return ['started', 'cyan', event.max === undefined ? '' : `at most ${event.max} passes`]
}

// What a failed pass failed of has been told with the step.
function passLine(
  event: Extract<RunEvent, { type: 'iteration.completed' | 'iteration.failed' | 'iteration.cancelled' }>,
): About {
  if (event.type === 'iteration.completed') return ['ok', 'green', event.done === true ? 'condition met' : '']
  return event.type === 'iteration.failed' ? ['failed', 'red', event.failure.code] : ['cancelled', 'yellow']
}

function attemptText(event: { readonly path: string; readonly attempt: number }, progress: Progress): string {
  const max = progress.steps.get(event.path)?.declared?.attemptsMax
  return `attempt ${event.attempt}${max === undefined ? '' : `/${max}`}`
}

function failureText({ code, message }: Failure): string {
  return `${code}: ${message}`
}

function retryText({ at, retryAt }: { readonly at: number; readonly retryAt: number }): string {
  return `retry in ${took(retryAt - at)}`
}

function durationOf(path: string, progress: Progress): string {
  const step = progress.steps.get(path)
  return step?.startedAt === undefined || step.endedAt === undefined ? '' : took(step.endedAt - step.startedAt)
}
