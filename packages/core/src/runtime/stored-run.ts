import { canonicalJson } from '@segno/schema/plan'
import type { Json, JsonObject, RunEvent } from '@segno/schema/plan'
import type { TypedQuestion } from '../builder/question.ts'
import { SegnoError } from '../error.ts'
import { endsRun, isTerminal } from '../ports/batch.ts'
import type { Clock } from '../ports/clock.ts'
import type { RunRow, RunStatus, Storage } from '../ports/storage.ts'
import type { Plan } from '../kernel/plan.ts'
import { measure } from '../kernel/kept.ts'
import { commandPrefix } from '../kernel/messages.ts'
import type { ForkOptions } from './engine-options.ts'
import { uniqueId } from './ids.ts'
import { NotJson, copyGiven, copyJson } from './json-copy.ts'
import { decisionOf, lateBecause } from './message-fate.ts'
import { requestReply } from './request-reply.ts'
import type { RequestWorld } from './request-reply.ts'
import { rowOf, unknownRun } from './known-rows.ts'
import { readBlob } from './read-blob.ts'
import { openTasks } from './open-tasks.ts'
import type { AnswerDecision, RunHandle, RunResult, Task } from './run-handle.ts'
import type { RunView } from './run-view.ts'
import { checkText } from './start-checks.ts'
import type { Watchers } from './watchers.ts'

/** What a handle needs of its engine. */
export interface HandleWorld {
  readonly storage: Storage
  readonly watchers: Watchers
  readonly clock: Clock
  readonly planOf: (hash: string) => Promise<Plan>
  /** Whether the engine drives the run: then it tells its end. */
  readonly isDriven: (runId: string) => boolean
  readonly onDelivered: (runId: string) => void
  readonly fork: (runId: string, options?: ForkOptions) => Promise<RunHandle>
}

type Given<Method extends keyof RunHandle> = RunHandle[Method] extends (...given: infer All) => unknown ? All : never
type Sent = Promise<'accepted' | 'duplicate'>

/** A run that a store may hold: reads what the store holds of it, and sends it messages. It keeps nothing. */
export class StoredRun implements RunHandle {
  readonly id: string
  readonly #world: HandleWorld

  constructor(id: string, world: HandleWorld) {
    this.id = id
    this.#world = world
  }

  row(): Promise<RunRow> {
    return rowOf(this.#world.storage, this.id)
  }

  async status(): Promise<RunStatus> {
    return (await this.row()).status
  }

  async view(...[options]: Given<'view'>): Promise<RunView> {
    const { viewOfRun } = await import('./management.ts')
    return viewOfRun(this.#world, this.id, options)
  }

  result(): Promise<RunResult> {
    return resultOf(this.#world, this.id)
  }

  async output(): Promise<Readonly<Record<string, Json>>> {
    return outputOf(this.id, await this.result())
  }

  events(...[{ from = 1, signal } = {}]: Given<'events'>): AsyncGenerator<RunEvent, void, undefined> {
    return eventsOf(this.#world, this.id, from, signal)
  }

  signal(...[signal, data, { id = uniqueId('sig'), sender } = {}]: Given<'signal'>): Sent {
    return sendSignal(this.#world, this.id, { id, name: nameOf(signal), data, sender })
  }

  request(...[signal, data, { id = uniqueId('sig'), sender, timeoutMs } = {}]: Given<'request'>): Promise<Json> {
    const { storage, clock } = this.#world
    const name = nameOf(signal)
    const send = (): Sent => sendSignal(this.#world, this.id, { id, name, data, sender })
    const events: RequestWorld['events'] = ({ from, signal: abort }) => eventsOf(this.#world, this.id, from, abort)
    return requestReply({ storage, clock, send, events }, { runId: this.id, id, name, timeoutMs })
  }

  cancel(...[{ reason, force, actor } = {}]: Given<'cancel'>): Promise<void> {
    return this.#command('cancel', { reason, force }, actor)
  }

  pause(...[{ actor, reason } = {}]: Given<'pause'>): Promise<void> {
    return this.#command('pause', { reason }, actor)
  }

  resume(...[{ actor, reason } = {}]: Given<'resume'>): Promise<void> {
    return this.#command('resume', { reason }, actor)
  }

  retry(...[{ path, downstream, actor, reason } = {}]: Given<'retry'>): Promise<void> {
    return this.#command('retry', { path, downstream, reason }, actor)
  }

  skip(...[path, { actor, reason } = {}]: Given<'skip'>): Promise<void> {
    return this.#command('skip', { path, reason }, actor)
  }

  override(...[path, output, { actor, reason } = {}]: Given<'override'>): Promise<void> {
    return this.#command('override', { path, output, reason }, actor)
  }

  raise(...[{ steps, durationMs, transitions }, { actor, reason } = {}]: Given<'raise'>): Promise<void> {
    return this.#command('raise', { steps, durationMs, transitions, reason }, actor)
  }

  fork(options?: ForkOptions): Promise<RunHandle> {
    return this.#world.fork(this.id, options)
  }

  async tasks(...[question]: Given<'tasks'>): Promise<readonly Task[]> {
    await this.row()
    const tasks = await openTasks(this.#world.storage, this.id)
    return question === undefined ? tasks : tasks.filter((task) => asks(task, question))
  }

  answer(...[{ path, hash }, { choice, form, comment }, { by, id = uniqueId('ans') } = {}]: Given<'answer'>): Sent {
    checkText('The id of an answer', id)
    if (by !== undefined) checkText('Who answers', by)
    const payload = { path, hash, choice, form, comment }
    return sendAnswer(this.#world, this.id, { id, name: `${commandPrefix}answer`, payload, sender: by })
  }

  async decision(...[id, { from = 1, signal } = {}]: Given<'decision'>): Promise<AnswerDecision> {
    checkText('The id of an answer', id)
    return decisionOf(this.#world.storage, this.id, { id, events: eventsOf(this.#world, this.id, from, signal) })
  }

  async #command(name: string, fields: JsonObject, actor: string | undefined): Promise<void> {
    if (actor !== undefined) checkText('The actor of a command', actor)
    const message = { id: uniqueId('cmd'), name: `${commandPrefix}${name}`, payload: fields, sender: actor }
    await deliver(this.#world, this.id, message)
  }
}

function nameOf(signal: Given<'signal'>[0]): string {
  return typeof signal === 'object' && signal !== null ? signal.name : signal
}

function asks(task: Task, question: TypedQuestion<unknown, unknown>): boolean {
  const [asked, meant] = [task, question].map(({ choices, form }) =>
    canonicalJson({ choices: choices ?? null, form: form ?? null }),
  )
  return asked === meant
}

async function resultOf({ storage, watchers, isDriven }: HandleWorld, runId: string): Promise<RunResult> {
  let isToldOfEnd = isDriven(runId)
  for (;;) {
    // Asked for before the look, so that an end between look and wait is not missed.
    const watch = watchers.next(runId, 'end')
    try {
      if (!isToldOfEnd) {
        const { status, head } = await rowOf(storage, runId)
        if (isTerminal(status)) {
          watchers.news(runId, true)
          return await readResult(storage, runId, head)
        }
      }
      watchers.assertOpen(runId)
      const end = await watch.news
      const result = end && (await resultIn(storage, end))
      if (result !== undefined) return result
      isToldOfEnd = false
    } finally {
      watch.end()
    }
  }
}

async function readResult(storage: Storage, runId: string, head: number): Promise<RunResult> {
  for await (const page of storage.read(runId, head)) {
    for (const event of page) {
      const result = await resultIn(storage, event)
      if (result !== undefined) return result
    }
  }
  throw new SegnoError('STORAGE_INVALID', `Run ${runId} has ended, but its journal does not say how`)
}

/** How a run ended, if it did with this event. */
async function resultIn(storage: Storage, event: RunEvent): Promise<RunResult | undefined> {
  switch (event.type) {
    case 'run.failed':
      return { status: 'failed', failure: event.failure }
    case 'run.cancelled':
      return { status: 'cancelled', reason: event.because.message ?? event.because.code }
    case 'run.completed': {
      const { output, outputBlob } = event
      // A copy: what is in the journal stays as it is, whatever becomes of what is given out.
      const value =
        outputBlob === undefined ? copyJson(output) : await readBlob(storage, event.runId, outputBlob.sha256)
      return { status: 'completed', output: (value ?? {}) as Readonly<Record<string, Json>> }
    }
    default:
      return undefined
  }
}

function outputOf(runId: string, result: RunResult): Readonly<Record<string, Json>> {
  switch (result.status) {
    case 'completed':
      return result.output
    case 'failed': {
      const { code, message } = result.failure
      throw new SegnoError('RUN_FAILED', `Run ${runId} failed: ${code}: ${message}`, { details: result.failure })
    }
    case 'cancelled':
      throw new SegnoError('RUN_CANCELLED', `Run ${runId} was cancelled: ${result.reason}`, {
        details: { reason: result.reason },
      })
    default:
      return result satisfies never
  }
}

async function* eventsOf(
  { storage, watchers }: HandleWorld,
  runId: string,
  from: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<RunEvent, void, undefined> {
  if (!Number.isSafeInteger(from) || from < 1) {
    throw new SegnoError('ARGUMENT_INVALID', `\`from\` is ${from}; expected the number of an event, from 1`)
  }
  let next = from
  await rowOf(storage, runId)
  const aborted = (): boolean => signal?.aborted === true
  while (!aborted()) {
    const watch = watchers.next(runId, 'any', signal)
    try {
      for await (const page of storage.read(runId, next)) {
        for (const event of page) {
          if (aborted()) return
          next = event.seq + 1
          yield event
          if (endsRun(event)) return
        }
      }
      if (watchers.isClosed) return
      const { status, head } = await rowOf(storage, runId)
      if (isTerminal(status) && next > head) return
      await watch.news
    } finally {
      watch.end()
    }
  }
}

interface Outgoing {
  readonly id: string
  readonly name: string
  readonly payload: JsonObject | Json
  readonly sender: string | undefined
}

async function deliver(
  { storage, onDelivered }: HandleWorld,
  runId: string,
  message: Outgoing,
): Promise<'accepted' | 'duplicate'> {
  const { sender, payload, ...rest } = message
  const copied = copyGiven(payload)
  if (copied instanceof NotJson) throw notData(message, `is not JSON: ${copied.message}`)
  const measured = measure(copied ?? null)
  if ('failure' in measured) throw notData(message, `is too large: ${measured.failure.message}`)
  const sending = { ...rest, payload: copied ?? null, ...(sender === undefined ? {} : { sender }) }
  const { outcome } = await storage.deliver(runId, sending)
  if (outcome === 'unknown') throw unknownRun(runId)
  if (outcome === 'closed') throw new SegnoError('RUN_CLOSED', `Run ${runId} has ended and takes no more messages`)
  onDelivered(runId)
  return outcome
}

// Who comes after the end learns who was first, if that is why.
async function sendAnswer(
  world: HandleWorld,
  runId: string,
  message: Outgoing & { readonly payload: { readonly path: string } },
): Promise<'accepted' | 'duplicate'> {
  try {
    return await deliver(world, runId, message)
  } catch (error) {
    if (!SegnoError.is(error, 'RUN_CLOSED')) throw error
    const because = await lateBecause(world.storage, runId, message.payload.path)
    if (because === undefined) throw error
    throw new SegnoError('RUN_CLOSED', `${error.message}: ${because.message ?? because.code}`, {
      details: { because },
      cause: error,
    })
  }
}

function notData({ name }: Outgoing, problem: string): SegnoError {
  return new SegnoError('ARGUMENT_INVALID', `The data of "${name}" ${problem}`)
}

async function sendSignal(
  world: HandleWorld,
  runId: string,
  {
    id,
    name,
    data,
    sender,
  }: {
    readonly id: string
    readonly name: string
    readonly data: Json | undefined
    readonly sender: string | undefined
  },
): Promise<'accepted' | 'duplicate'> {
  checkText('The name of a signal', name)
  checkText('The id of a signal', id)
  if (sender !== undefined) checkText('The sender of a signal', sender)
  if (name.startsWith(commandPrefix)) {
    throw new SegnoError('ARGUMENT_INVALID', `A signal cannot be called ${JSON.stringify(name)}`)
  }
  return deliver(world, runId, { id, name, payload: data ?? null, sender })
}
