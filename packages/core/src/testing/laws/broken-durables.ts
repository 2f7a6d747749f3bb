import type { RunRow, Storage } from '../../ports/storage.ts'
import { gathered, held } from './law-run.ts'
import { without } from './without.ts'

/** A storage that outlives its process, with one mistake in it, to see that the laws find it. */
export interface BrokenDurable {
  /** What it does wrong: "a storage that …". */
  readonly name: string
  /** The law that has to find it; others may too. */
  readonly breaks: string
  /** For a new store: what takes the place of the methods of each of its handles, the first of which is 0. */
  readonly instead: () => (whole: Storage, handle: number) => Partial<Storage>
}

/** One storage for each mistake that a law of durable storages was written against. */
export const brokenDurables: readonly BrokenDurable[] = [
  {
    name: 'loses its last event at a restart',
    breaks: 'after a restart the journal and the row are as they were acknowledged',
    instead: restarted((whole) => ({ read: (runId, from) => upTo(whole, runId, from, 1) })),
  },
  {
    name: 'loses snapshots at a restart',
    breaks: 'after a restart a snapshot still stands for the events up to it',
    instead: restarted((whole) => ({
      async load(runId) {
        const run = await whole.load(runId)
        return run && without(run, 'snapshot')
      },
    })),
  },
  {
    name: 'cuts what is read by a buffer of 16 KiB',
    breaks: 'after a restart plans and blobs are there, byte for byte',
    instead: restarted((whole) => ({
      getBlob: async (runId, sha256) => (await whole.getBlob(runId, sha256))?.slice(0, 16 * 1024),
    })),
  },
  {
    name: 'knows after a restart only the messages that it still has',
    breaks: 'after a restart the inbox holds what was not consumed, and knows every message that it accepted',
    instead: restarted((whole) => ({
      async deliver(runId, message) {
        const there = (await whole.inbox(runId, 0)).some(({ id }) => id === message.id)
        return whole.deliver(runId, there ? message : { ...message, id: `${message.id} again` })
      },
    })),
  },
  {
    name: 'loses idempotency keys at a restart',
    breaks: 'after a restart an idempotency key still names its run',
    instead: restarted((whole) => ({
      createRun: (run, batch, options) => whole.createRun(run, batch, without(options, 'idempotencyKey')),
    })),
  },
  {
    name: 'brings back at a restart what was deleted',
    breaks: 'after a restart a deleted run stays deleted, and its key and its id are free',
    instead: () => {
      const deleted = new Map<string, RunRow>()
      return (whole) => ({
        row: async (runId) => (await whole.row(runId)) ?? deleted.get(runId),
        async delete(runId) {
          const row = await whole.row(runId)
          if (row !== undefined) deleted.set(runId, row)
          return whole.delete(runId)
        },
      })
    },
  },
  {
    name: 'counts tokens from 1 at each restart',
    breaks: 'the tokens of a run strictly increase over restarts',
    instead: restarted((whole) => ({
      async acquire(wanted) {
        const { now, runs } = await whole.acquire(wanted)
        return { now, runs: runs.map((run) => ({ ...run, lease: { ...run.lease, token: 1 } })) }
      },
    })),
  },
  {
    name: 'takes every run for free that its own process does not hold',
    breaks: 'a lease outlives its process until it runs out, and is then taken over as expired',
    instead: restarted((whole) => ({
      async acquire(wanted) {
        for (const { runId } of (await whole.list({}, { limit: 99 })).runs) {
          for (let token = 1; token < 30; token += 1) await whole.release(held(runId, token))
        }
        return whole.acquire(wanted)
      },
    })),
  },
  {
    name: 'wakes every run at a restart',
    breaks: 'after a restart a parked run waits for its time or its message, and a run that has ended for nothing',
    instead: restarted((whole) => ({
      async acquire(wanted) {
        const { runs } = await whole.list({}, { limit: 99 })
        for (const { runId } of runs) await whole.deliver(runId, { id: 'restart', name: 'restart', payload: null })
        return whole.acquire(wanted)
      },
    })),
  },
  {
    name: 'forgets batch ids at a restart',
    breaks: 'a batch sent again after a restart is a duplicate, and with other content a fault',
    instead: restarted((whole, handle) => ({
      append: (request) => whole.append({ ...request, batchId: `${handle} ${request.batchId}` }),
    })),
  },
  {
    name: 'knows the batches of the newest lease only',
    breaks: 'a batch sent again after a restart and a takeover is a duplicate, and with other content a fault',
    instead: () => {
      const newest = newestTokens()
      return (whole) => ({
        ...newest.instead(whole),
        append: (request) =>
          whole.append(newest.of(request.runId) > request.token ? { ...request, batchId: 'old' } : request),
      })
    },
  },
  {
    name: 'reads fifty thousand events at most',
    breaks: 'a journal of 100,000 events is read whole after a restart, page by page',
    instead: () => (whole) => ({ read: (runId, from) => upTo(whole, runId, from, 50_000) }),
  },
  {
    name: 'gives a run away before it knows whether it has it',
    breaks: 'of twenty contenders at four handles exactly one gets the run',
    instead: () => {
      const last = new Map<string, Awaited<ReturnType<Storage['acquire']>>['runs'][number]>()
      return (whole) => ({
        async acquire(wanted) {
          const { now, runs } = await whole.acquire(wanted)
          for (const run of runs) last.set(run.lease.runId, run)
          return { now, runs: runs.length > 0 ? runs : [...last.values()].slice(-1) }
        },
      })
    },
  },
  {
    name: 'forgets the runs that it meant for another handle',
    breaks: 'handles share out the runs that are due, and none is given twice or forgotten',
    instead: () => (whole) => ({
      async acquire(wanted) {
        const { now, runs } = await whole.acquire({ ...wanted, limit: wanted.limit + 1 })
        return { now, runs: runs.slice(0, wanted.limit) }
      },
    }),
  },
  {
    name: 'does not fence',
    breaks: 'a holder whose run was taken over through another handle is fenced, and takes nothing back',
    instead: () => {
      const newest = newestTokens()
      return (whole) => ({
        ...newest.instead(whole),
        append: (request) => whole.append({ ...request, token: newest.of(request.runId) }),
      })
    },
  },
  {
    name: 'tells only its own process that it renewed',
    breaks: 'a lease that was renewed through one handle is held for all of them',
    instead: () => (whole) => ({
      async renew({ leases, ttlMs }) {
        const { now } = await whole.renew({ leases: [], ttlMs })
        return { now, renewed: leases.map(({ runId }) => ({ runId, expiresAt: now + ttlMs, inboxHead: 0 })) }
      },
    }),
  },
  {
    name: 'reads what it read the time before',
    breaks:
      'what one handle appends is read through another as soon as it is acknowledged, and by whole batches before',
    instead: restarted((whole) => {
      let before: Awaited<ReturnType<Storage['load']>>
      return {
        async load(runId) {
          const run = await whole.load(runId)
          const tail = run && (await gathered(run.tail))
          const old = before
          before = run && tail && { ...run, tail: onePage(tail) }
          return old ?? (run && tail && { ...run, tail: onePage(tail) })
        },
      }
    }),
  },
  {
    name: 'does not tell other processes of a message',
    breaks: 'a message through one handle makes a run due that another one parked',
    instead: restarted(() => ({ deliver: async () => ({ outcome: 'accepted', now: 0 }) })),
  },
  {
    name: 'parks without a look at the inbox',
    breaks: 'a message through one handle that races a park through another is never overlooked',
    instead: () => (whole) => ({
      append: (request) => whole.append(request.park === undefined ? request : { ...request, park: { inboxHead: 99 } }),
    }),
  },
  {
    name: 'knows the messages of its own process only',
    breaks: 'messages through several handles have a place each, and one that comes twice is accepted once',
    instead: () => (whole, handle) => ({
      deliver: (runId, message) => whole.deliver(runId, { ...message, id: `${handle} ${message.id}` }),
    }),
  },
  {
    name: 'knows the keys of its own process only',
    breaks: 'of fifty creations through several handles with one idempotency key exactly one creates a run',
    instead: () => (whole, handle) => ({
      createRun: (run, batch, { idempotencyKey = '', ...options }) =>
        whole.createRun(run, batch, { ...options, idempotencyKey: `${handle} ${idempotencyKey}` }),
    }),
  },
  {
    name: 'looks for a run before it creates it, and not while',
    breaks: 'of fifty creations of one run through several handles exactly one creates it',
    instead: () => (whole) => ({
      async createRun(run, batch, options) {
        const there = await whole.row(run.runId)
        const answer = await whole.createRun(run, batch, options)
        return there === undefined ? { outcome: 'created', now: answer.now } : answer
      },
    }),
  },
  {
    name: 'knows a run by its id alone',
    breaks: 'a run that is deleted through one handle is gone for its holder at another',
    instead: () => (whole) => ({
      async append(request) {
        const row = await whole.row(request.runId)
        return whole.append({ ...request, incarnation: row?.incarnation ?? request.incarnation })
      },
    }),
  },
  {
    name: 'believes the clock of its host when it asks who holds a run',
    breaks: 'hosts whose clocks are an hour apart never both write one seq, and lose nothing that was acknowledged',
    instead: restarted((whole) => ({
      async append(request) {
        const answer = await whole.append(request)
        return answer.outcome === 'fenced' ? { ...answer, outcome: 'ok', inboxHead: 0 } : answer
      },
    })),
  },
]

// The mistake shows in the processes that come later.
function restarted(instead: (whole: Storage, handle: number) => Partial<Storage>): BrokenDurable['instead'] {
  return () => (whole, handle) => (handle === 0 ? {} : instead(whole, handle))
}

async function* upTo(whole: Storage, runId: string, from: number, missing: number): ReturnType<Storage['read']> {
  const head = (await whole.row(runId))?.head ?? 0
  for await (const page of whole.read(runId, from)) yield page.filter(({ seq }) => seq <= head - missing)
}

async function* onePage(events: Awaited<ReturnType<typeof gathered>>): ReturnType<Storage['read']> {
  yield events
}

/** The newest token of each run, as the answers of all handles tell it. */
function newestTokens() {
  const all = new Map<string, number>()
  return {
    of: (runId: string) => all.get(runId) ?? 1,
    instead: (whole: Storage): Partial<Storage> => ({
      async acquire(wanted) {
        const answer = await whole.acquire(wanted)
        for (const { lease } of answer.runs) all.set(lease.runId, lease.token)
        return answer
      },
    }),
  }
}
