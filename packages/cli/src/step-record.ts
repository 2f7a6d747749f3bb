import type { EventOf, Failure, Json, RunEvent } from '@segno/schema'
import { CommandError } from './command-error.ts'
import { outputFile, sizeOf, type OutputStream } from './evidence-files.ts'
import { exitCodes } from './exit-code.ts'
import type { Progress, ProgressStatus, StepProgress } from './progress/progress.ts'
import { readValue, type StoredValue } from './read-value.ts'
import type { Store } from './store.ts'

/** One attempt at a step. */
export interface AttemptRecord {
  readonly attempt: number
  readonly startedAt: number
  endedAt?: number
  /** How it ended; missing while it runs. */
  outcome?: 'completed' | 'failed' | 'lost' | 'abandoned' | 'blocked' | 'cancelled'
  exitCode?: number
  failure?: Failure
  /** When it is made again. */
  retryAt?: number
  /** What its process has printed. */
  output?: readonly OutputRecord[]
  /** The run that it has started. */
  run?: string
}

/** A state that a machine has entered. */
export interface EnteredState {
  readonly at: number
  readonly index: number
  readonly state: string
  readonly by: EventOf<'state.entered'>['by']
  readonly signal?: string
}

/** A file of evidence. */
export interface OutputRecord {
  readonly stream: OutputStream
  readonly file: string
  readonly bytes: number
}

/** All that the journal and the evidence say of one step. */
export interface StepRecord {
  readonly path: string
  readonly kind?: string
  readonly status: ProgressStatus
  readonly startedAt?: number
  readonly endedAt?: number
  readonly attempts: readonly AttemptRecord[]
  /** Of a state machine, in their order. */
  readonly states?: readonly EnteredState[]
  readonly input?: Json
  readonly output?: Json
  readonly failure?: Failure
}

/** The path of a step by its path, or by its id where only one step has come up under it. */
export function stepPath(progress: Progress, given: string): string {
  const paths = [...progress.steps.values()].filter(({ declared }) => declared !== undefined)
  const exact = paths.find((step) => step.path === given || step.occurrence === given)
  if (exact !== undefined) return exact.path
  const found = paths.filter(({ declared }) => declared?.id === given)
  const [first] = found
  if (first !== undefined && found.length === 1) return first.path
  const shown = (steps: readonly StepProgress[]): string => {
    const more = steps.length > choicesMax ? [`… and ${steps.length - choicesMax} more`] : []
    return [...steps.slice(0, choicesMax).map(({ path }) => path), ...more].join(', ')
  }
  if (first !== undefined) {
    const message = `${given} has come up ${found.length} times in ${progress.runId}`
    throw new CommandError({ code: 'STEP_AMBIGUOUS', message, hint: `name one of: ${shown(found)}` })
  }
  const message = `${progress.runId} has no step ${given}, or has not come to it`
  const hint = paths.length === 0 ? undefined : `there are: ${shown(paths)}`
  throw new CommandError({ code: 'STEP_NOT_FOUND', message, hint }, { exitCode: exitCodes.notFound })
}

const choicesMax = 12

/** What the journal and the evidence say of a step. */
export async function readStep(runId: string, step: StepProgress, store: Store): Promise<StepRecord> {
  const reading: Reading = { attempts: [], states: [] }
  for await (const page of store.storage.read(runId, 1)) {
    for (const event of page) if ('path' in event && isOf(step, event.path)) take(reading, event)
  }
  const [input, output] = await Promise.all(
    [reading.input, reading.output].map((kept = {}) => readValue(store.storage, runId, kept)),
  )
  const { path, declared, status, startedAt, endedAt, failure } = step
  const folder = step.occurrence ?? path
  return {
    ...{ path, status },
    ...(declared && { kind: declared.kind }),
    ...(startedAt !== undefined && { startedAt }),
    ...(endedAt !== undefined && { endedAt }),
    attempts: reading.attempts.map((record) =>
      withOutput(record, store.evidence.folder(runId, folder, record.attempt)),
    ),
    ...(reading.states.length > 0 && { states: reading.states }),
    ...(input !== undefined && { input }),
    ...(output !== undefined && { output }),
    ...(failure !== undefined && { failure }),
  }
}

interface Reading {
  readonly attempts: AttemptRecord[]
  readonly states: EnteredState[]
  input?: StoredValue
  output?: StoredValue
}

// An operator's retry gives a step another path: both are of one step.
function isOf({ path, occurrence }: StepProgress, of: string): boolean {
  return of === path || of === occurrence
}

function take(reading: Reading, event: RunEvent): void {
  const last = reading.attempts.at(-1)
  const end = (outcome: AttemptRecord['outcome'] & string, more: Partial<AttemptRecord> = {}): void => {
    if (last !== undefined) Object.assign(last, { endedAt: event.at, outcome, ...more })
  }
  switch (event.type) {
    case 'attempt.started':
      reading.attempts.push({ attempt: event.attempt, startedAt: event.at })
      if (event.input !== undefined || event.inputBlob !== undefined)
        reading.input = { value: event.input, blob: event.inputBlob }
      return
    case 'step.started':
      if (event.child !== undefined)
        reading.attempts.push({ attempt: event.attempt, startedAt: event.at, run: event.child })
      if (event.input !== undefined || event.inputBlob !== undefined)
        reading.input = { value: event.input, blob: event.inputBlob }
      return
    case 'task.asked':
      reading.attempts.push({ attempt: event.attempt, startedAt: event.at })
      reading.input = { value: askedOf(event) }
      return
    case 'state.entered': {
      const { at, index, state, by, signal } = event
      reading.states.push({ at, index, state, by, ...(signal !== undefined && { signal }) })
      return
    }
    case 'attempt.failed':
      return end('failed', { failure: event.failure, retryAt: event.retryAt })
    case 'attempt.lost':
      return end('lost')
    case 'attempt.abandoned':
      return end('abandoned')
    case 'step.completed':
      reading.output = { value: event.output, blob: event.outputBlob }
      return end('completed', event.exitCode === undefined ? {} : { exitCode: event.exitCode })
    case 'step.failed':
      return end('failed', { failure: event.failure })
    case 'step.blocked':
      return end('blocked', { failure: event.failure })
    case 'step.cancelled':
      return end('cancelled')
    default:
  }
}

// What a person was shown, but for what is kept beside the journal because it is so large.
function askedOf({ title, body, choices, form, assignees, subject }: EventOf<'task.asked'>): Json {
  const shown = { title, body, choices, form, assignees, subject }
  return Object.fromEntries(Object.entries(shown).filter(([, value]) => value !== undefined)) as unknown as Json
}

const streams: readonly OutputStream[] = ['stdout', 'stderr']

function withOutput(record: AttemptRecord, folder: string): AttemptRecord {
  const output = streams
    .map((stream) => ({ stream, file: outputFile(folder, stream) }))
    .map(({ stream, file }) => ({ stream, file, bytes: sizeOf(file) }))
    .filter(({ bytes }) => bytes > 0)
  return output.length === 0 ? record : { ...record, output }
}
