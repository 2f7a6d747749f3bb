import type { EventOf, Failure, RunEvent } from '@segno/schema'
import type { Progress, StepProgress } from '../progress/progress.ts'
import { stepAt } from '../progress/rows.ts'
import { printable, type Style } from './terminal.ts'
import { dateTime, took } from './took.ts'

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
      return startedAttempt(event, progress)
    case 'attempt.failed':
      return ['failed', 'yellow', attemptText(event, progress), failureText(event.failure), retryText(event)]
    case 'attempt.lost':
      return ['lost', 'yellow', 'its process is gone; it is tried again']
    case 'attempt.abandoned':
      return ['abandoned', 'yellow', 'it did not stop in time; its outcome is unknown']
    case 'step.started':
      return startedLine(event)
    case 'branch.taken':
      return branchLine(event)
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
    case 'operator.acted':
      return event.refused === undefined ? undefined : ['refused', 'red', event.action, event.refused.message ?? '']
    case 'iteration.completed':
    case 'iteration.failed':
    case 'iteration.cancelled':
      return passLine(event)
    default:
      return waitLine(event, progress) ?? runLine(event)
  }
}

/** What a step waits for, and what came of that. */
function waitLine(event: RunEvent, progress: Progress): About | undefined {
  switch (event.type) {
    case 'timer.set':
      return timerLine(event, progress)
    case 'state.entered':
      return ['entered', 'cyan', event.state, causeText(event)]
    case 'task.asked':
      return ['waiting', 'yellow', `for an answer: ${event.title}`, optionsText(event), limitText(event)]
    case 'task.answered':
      return ['answered', 'cyan', progress.steps.get(event.path)?.note ?? '']
    case 'child.settled':
      // A step that waits for it tells the same at once.
      if (stepAt(progress, event.path)?.endedAt === undefined) return undefined
      return [event.status, childStyles[event.status], `run ${event.child}`]
    case 'signal.emitted':
      return ['emitted', 'cyan', `signal ${event.name}`]
    case 'signal.replied':
      return ['replied', 'cyan', `to ${event.id}`]
    case 'signal.ignored':
      return ['ignored', 'yellow', `a message: ${event.because.message ?? event.because.code}`]
    default:
      return undefined
  }
}

const childStyles = { completed: 'green', failed: 'red', cancelled: 'yellow' } as const

function timerLine({ purpose, due, at, path }: EventOf<'timer.set'>, progress: Progress): About | undefined {
  if (purpose === 'after') return ['waiting', 'yellow', `goes on in ${took(due - at)}`]
  if (purpose !== 'sleep') return undefined
  const isUntil = stepAt(progress, path)?.declared?.kind === 'sleepUntil'
  return ['waiting', 'yellow', isUntil ? `until ${dateTime(due)}` : `for ${took(due - at)}`]
}

function causeText({ by, signal }: EventOf<'state.entered'>): string {
  switch (by) {
    case 'initial':
    case 'next':
      return ''
    case 'signal':
      return `on ${signal ?? ''}`
    case 'after':
      return 'after a time'
    default:
      return by satisfies never
  }
}

function optionsText({ choices, form }: EventOf<'task.asked'>): string {
  if (choices !== undefined) return `one of ${choices.join(', ')}`
  return form === undefined ? '' : `a form: ${Object.keys(form).join(', ')}`
}

function branchLine({ branch, index }: EventOf<'branch.taken'>): About | undefined {
  if (branch === 'none') return undefined
  if (branch !== 'undo') return ['branch', 'dim', branch.replace(/^case:/, '')]
  return ['undo', 'yellow', `what completed ${index === undefined ? '' : 'in it '}is taken back, newest first`]
}

/** The line that tells where a state machine has come to rest, which no event tells: it waits for signals. */
export function restLine({ path, signals = [], parent }: StepProgress): EventLine {
  const rest = signals.length === 0 ? '' : `for ${signals.join(', ')}`
  return {
    path,
    word: 'waiting',
    rest: printable([`in ${parent?.state?.name ?? ''}`, rest].filter(Boolean).join(', ')),
    style: 'yellow',
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

function limitText({ at, deadline }: { readonly at: number; readonly deadline?: number }): string {
  return deadline === undefined ? '' : `at most ${took(deadline - at)}`
}

function startedLine(event: EventOf<'step.started'>): About {
  if (event.signal !== undefined) return ['waiting', 'yellow', `for signal ${event.signal}`, limitText(event)]
  if (event.child !== undefined) return ['started', 'cyan', `run ${event.child}`]
  if (event.count !== undefined) return ['started', 'cyan', event.count === 1 ? '1 item' : `${event.count} items`]
  return ['started', 'cyan', event.max === undefined ? '' : `at most ${event.max} passes`]
}

function startedAttempt(event: EventOf<'attempt.started'>, progress: Progress): About {
  const about = stepAt(progress, event.path)?.about ?? ''
  return ['started', 'cyan', event.attempt > 1 ? attemptText(event, progress) : '', about]
}

// What a failed pass failed of has been told with the step.
function passLine(event: EventOf<'iteration.completed' | 'iteration.failed' | 'iteration.cancelled'>): About {
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
