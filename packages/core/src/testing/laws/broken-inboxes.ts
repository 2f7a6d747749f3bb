import type { AppendRequest, DeliverOutcome, Storage } from '../../ports/storage.ts'
import type { BrokenStorage } from './broken-storages.ts'
import { without } from './without.ts'

/** Mistakes with messages. */
export const brokenInboxes: readonly BrokenStorage[] = [
  {
    name: 'forgets who sent a message',
    breaks: 'a message is kept as it was sent, with its place and the store’s time',
    instead: (whole) => ({ deliver: (runId, message) => whole.deliver(runId, without(message, 'sender')) }),
  },
  {
    name: 'gives the newest message first',
    breaks: 'messages are kept in the order of their delivery, numbered from 1',
    instead: (whole) => ({ inbox: async (runId, after) => (await whole.inbox(runId, after)).toReversed() }),
  },
  {
    name: 'accepts a message as often as it comes',
    breaks: 'a message that fifty senders deliver at once is accepted once',
    instead: (whole) => {
      let count = 0
      return { deliver: (runId, message) => whole.deliver(runId, { ...message, id: `${message.id} ${(count += 1)}` }) }
    },
  },
  {
    name: 'takes messages of one name for one message',
    breaks: 'the messages of fifty senders are all kept, each in a place of its own',
    instead: (whole) => ({ deliver: (runId, message) => whole.deliver(runId, { ...message, id: message.name }) }),
  },
  {
    name: 'forgets a message once it is consumed',
    breaks: 'a message that was consumed is a duplicate when it is delivered again',
    instead: (whole) => {
      const consumed = new Set<string>()
      return {
        async append(request) {
          const answer = await whole.append(request)
          if (answer.outcome === 'ok') for (const id of request.consume ?? []) consumed.add(id)
          return answer
        },
        deliver: (runId, message) =>
          whole.deliver(runId, consumed.has(message.id) ? { ...message, id: `${message.id}+` } : message),
      }
    },
  },
  {
    name: 'wakes a run for a duplicate',
    breaks: 'a duplicate does not make a parked run due',
    instead: (whole) => ({
      async deliver(runId, message) {
        const answer = await whole.deliver(runId, message)
        if (answer.outcome === 'duplicate') await whole.deliver(runId, { ...message, id: `${message.id} again` })
        return answer
      },
    }),
  },
  {
    name: 'tells messages apart across all runs',
    breaks: 'the message ids of two runs have nothing to do with each other',
    instead: (whole) => {
      const seen = new Map<string, string>()
      return {
        async deliver(runId, message) {
          const owner = seen.get(message.id) ?? runId
          seen.set(message.id, owner)
          return owner === runId ? whole.deliver(runId, message) : { outcome: 'duplicate', now: 0 }
        },
      }
    },
  },
  {
    name: 'keeps messages for runs that are still to come',
    breaks: 'a message to a run that does not exist is unknown, and is not kept for one that comes',
    instead: (whole) => {
      const early: { runId: string; message: Parameters<Storage['deliver']>[1] }[] = []
      return {
        async deliver(runId, message) {
          const answer = await whole.deliver(runId, message)
          if (answer.outcome === 'unknown') early.push({ runId, message })
          return answer
        },
        async createRun(run, batch, options) {
          const answer = await whole.createRun(run, batch, options)
          for (const { runId, message } of early) await whole.deliver(runId, message)
          return answer
        },
      }
    },
  },
  {
    name: 'accepts messages after the end',
    breaks: 'a run that has ended is closed to new messages, and knows the old ones',
    instead: (whole) => ({
      async deliver(runId, message): Promise<DeliverOutcome> {
        const { outcome, now } = await whole.deliver(runId, message)
        return { outcome: outcome === 'closed' ? 'accepted' : outcome, now }
      },
    }),
  },
  {
    name: 'keeps messages that were consumed',
    breaks: 'consuming takes a message out in the same write',
    instead: (whole) => ({ append: (request) => whole.append(without(request, 'consume')) }),
  },
  {
    name: 'consumes before it knows whether it will write',
    breaks: 'an append that is refused leaves no trace',
    instead: (whole) => {
      const consumed = new Set<string>()
      return {
        async append(request) {
          for (const id of request.consume ?? []) consumed.add(id)
          return whole.append(request)
        },
        async load(runId) {
          const run = await whole.load(runId)
          return run && { ...run, inbox: run.inbox.filter(({ id }) => !consumed.has(id)) }
        },
      }
    },
  },
  {
    name: 'consumes what it has and overlooks what it has not',
    breaks: 'consuming a message that is not there is refused whole',
    instead: (whole) => ({
      async append(request) {
        const there = new Set((await whole.inbox(request.runId, 0)).map(({ id }) => id))
        return whole.append({ ...request, consume: (request.consume ?? []).filter((id) => there.has(id)) })
      },
    }),
  },
  {
    name: 'parks without a look at the inbox',
    breaks: 'a message that races a park is never overlooked',
    instead: (whole) => ({ append: (request) => whole.append(parkedAt(request, Number.MAX_SAFE_INTEGER)) }),
  },
  {
    name: 'gives the lease back although it could not park',
    breaks: 'a park that has not seen the newest message is refused, and the lease is kept',
    instead: (whole) => ({
      async append(request) {
        const answer = await whole.append(request)
        if (answer.outcome === 'inboxMoved') await whole.release(request)
        return answer
      },
    }),
  },
  {
    name: 'parks only where the inbox is empty',
    breaks: 'a park that has seen the newest message stands, also if it leaves it where it is',
    instead: (whole) => ({ append: (request) => whole.append(parkedAt(request, 0)) }),
  },
  {
    name: 'loses what came to a holder that died',
    breaks: 'a message to a run that is held waits for the next holder if this one dies',
    instead: (whole) => {
      const taken = new Set<string>()
      return {
        async acquire(wanted) {
          const answer = await whole.acquire(wanted)
          for (const run of answer.runs) if (run.expired) taken.add(run.lease.runId)
          return answer
        },
        async load(runId) {
          const run = await whole.load(runId)
          return run && taken.has(runId) ? { ...run, inbox: [] } : run
        },
      }
    },
  },
  {
    name: 'loses messages',
    breaks: 'a message makes a run due that sleeps',
    instead: () => ({ deliver: async () => ({ outcome: 'accepted', now: 0 }) }),
  },
]

function parkedAt(request: AppendRequest, inboxHead: number): AppendRequest {
  return request.park === undefined ? request : { ...request, park: { inboxHead } }
}
