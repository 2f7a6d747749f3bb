import { Worker } from 'node:worker_threads'
import { StorageFault } from '@segno/core/storage'
import { threadFile } from '../thread/thread-file.ts'
import { packCalls, unpackReplies } from './packed.ts'
import type { Calls, CallOf, PackedReplies, Reply, ThreadData, ToThread } from './protocol.ts'

/** The way to the thread of a database. */
export interface ThreadLink {
  /** Rejects with a `StorageFault`. */
  call<Op extends keyof Calls>(op: Op, args: Calls[Op]['args']): Promise<Calls[Op]['answer']>
  /** Ends the thread, after what was asked for before is done. */
  close(): Promise<void>
}

/** A thread that is started by the first call, and again by the next one after it died. It keeps no process alive. */
export function threadLink(data: ThreadData, now: (() => number) | undefined): ThreadLink {
  const link: Link = { data, thread: undefined, waiting: new Map(), unsent: [], calls: 0, isClosed: false }
  return {
    call: (op, args) =>
      new Promise((resolve, reject) => {
        if (link.isClosed) {
          reject(unavailable('it was closed', false))
          return
        }
        const id = (link.calls += 1)
        // What an answer is follows from what was asked.
        link.waiting.set(id, { resolve: resolve as (answer: unknown) => void, reject })
        enqueue(link, { id, now: now?.(), op, args })
      }),
    async close() {
      if (link.isClosed) return
      link.isClosed = true
      await closed(link)
    },
  }
}

interface Waiting {
  readonly resolve: (answer: unknown) => void
  readonly reject: (error: StorageFault) => void
}

interface Link {
  readonly data: ThreadData
  thread: Worker | undefined
  readonly waiting: Map<number, Waiting>
  /** Calls of this tick: they are sent together. */
  unsent: CallOf<keyof Calls>[]
  calls: number
  isClosed: boolean
}

function enqueue(link: Link, call: CallOf<keyof Calls>): void {
  if (link.unsent.push(call) === 1) queueMicrotask(() => flush(link))
}

function flush(link: Link): void {
  const calls = link.unsent
  link.unsent = []
  if (calls.length === 0) return
  link.thread ??= started(link)
  link.thread.ref()
  link.thread.postMessage(packCalls(calls) satisfies ToThread)
}

function started(link: Link): Worker {
  const { url, execArgv, env } = threadFile('sqlite/thread')
  // Node 22 warns of `node:sqlite` each time.
  const options = { workerData: link.data, env, execArgv: [...execArgv, '--disable-warning=ExperimentalWarning'] }
  const thread = new Worker(url, options)
  thread.on('message', (replies: PackedReplies) => {
    for (const reply of unpackReplies(replies)) settle(link, reply)
    // One that is being closed is waited for, whatever it still has to say.
    if (link.waiting.size === 0 && !link.isClosed) thread.unref()
  })
  thread.on('error', (error) => lose(link, thread, `its thread died: ${error.message}`))
  thread.on('exit', () => lose(link, thread, 'its thread ended'))
  return thread
}

function settle({ waiting }: Link, reply: Reply): void {
  const call = waiting.get(reply.id)
  waiting.delete(reply.id)
  if ('answer' in reply) call?.resolve(reply.answer)
  else call?.reject(new StorageFault(reply.fault.code, reply.fault.message, reply.fault))
}

// What was sent to a thread that died may have been written.
function lose(link: Link, thread: Worker, reason: string): void {
  if (link.thread !== thread) return
  link.thread = undefined
  const lost = [...link.waiting.values()]
  link.waiting.clear()
  link.unsent = []
  for (const { reject } of lost) reject(unavailable(reason, true))
}

async function closed(link: Link): Promise<void> {
  flush(link)
  const { thread } = link
  if (thread === undefined) return
  const ended = new Promise((resolve) => thread.once('exit', resolve))
  thread.ref()
  thread.postMessage('close' satisfies ToThread)
  await ended
}

function unavailable(reason: string, ambiguous: boolean): StorageFault {
  return new StorageFault('STORAGE_UNAVAILABLE', `The database cannot be used: ${reason}.`, { ambiguous })
}
