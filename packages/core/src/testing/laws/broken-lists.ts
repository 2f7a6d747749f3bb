import type { CreateOutcome, LeaseName, RunRow, Storage } from '../../ports/storage.ts'
import type { BrokenStorage } from './broken-storages.ts'
import { held } from './law-run.ts'
import { without } from './without.ts'

/** Mistakes with creating, listing and deleting runs, with plans and with hints. */
export const brokenLists: readonly BrokenStorage[] = [
  {
    name: 'forgets labels',
    breaks: 'a created run has its first events and a row that tells of it',
    instead: (whole) => ({
      createRun: (run, batch, options) => whole.createRun({ ...run, labels: {} }, batch, options),
    }),
  },
  {
    name: 'takes every input for the same',
    breaks: 'a run id that exists is told with whether the input is the same, and nothing is changed',
    instead: (whole) => ({
      createRun: (run, batch, options) => whole.createRun(run, batch, { ...options, inputHash: '' }),
    }),
  },
  {
    name: 'takes a creation that is sent again for another one',
    breaks: 'a creation sent again gives the same lease again for as long as it stands',
    instead: (whole) => {
      let count = 0
      return {
        createRun: (run, batch, options) => {
          const known = count > 0
          count += 1
          return whole.createRun(known ? { ...run, incarnation: `again-${count}` } : run, batch, options)
        },
      }
    },
  },
  {
    name: 'gives the first lease to whoever sends the creation again',
    breaks: 'a creation sent again when its lease is over, or without a claim, is told as existing',
    instead: (whole) => {
      const first = new Map<string, CreateOutcome>()
      return {
        async createRun(run, batch, options) {
          const name = `${run.runId} ${run.incarnation}`
          const answer = first.get(name) ?? (await whole.createRun(run, batch, options))
          if (answer.outcome === 'created') first.set(name, answer)
          return answer
        },
      }
    },
  },
  {
    name: 'gives the first lease to every creation of the run',
    breaks: 'another creation of a run that is held is given no lease',
    instead: (whole) => ({
      async createRun(run, batch, options) {
        const there = await whole.row(run.runId)
        return whole.createRun({ ...run, incarnation: there?.incarnation ?? run.incarnation }, batch, options)
      },
    }),
  },
  {
    name: 'knows no idempotency keys',
    breaks: 'an idempotency key that is taken is told with its run, and nothing is created',
    instead: (whole) => ({
      createRun: (run, batch, options) => whole.createRun(run, batch, without(options, 'idempotencyKey')),
    }),
  },
  {
    name: 'knows idempotency keys without their workflow',
    breaks: 'the idempotency keys of two workflows have nothing to do with each other',
    instead: (whole) => ({
      createRun: (run, batch, { idempotencyKey, ...options }) =>
        whole.createRun(
          { ...run, workflow: 'all' },
          batch,
          idempotencyKey === undefined ? options : { ...options, idempotencyKey: 'bc' },
        ),
    }),
  },
  {
    name: 'looks for a run before it creates it, and not while',
    breaks: 'of fifty creations of one run exactly one creates it',
    instead: (whole) => ({
      async createRun(run, batch, options) {
        const there = await whole.load(run.runId)
        const answer = await whole.createRun(run, batch, options)
        return there === undefined ? { outcome: 'created', now: answer.now } : answer
      },
    }),
  },
  {
    name: 'looks for a key before it creates a run, and not while',
    breaks: 'of fifty creations with one idempotency key exactly one creates a run, and all name it',
    instead: (whole) => {
      const keys = new Set<string>()
      return {
        async createRun(run, batch, { idempotencyKey = run.runId, ...options }) {
          const taken = keys.has(idempotencyKey)
          await Promise.resolve()
          keys.add(idempotencyKey)
          return whole.createRun(run, batch, taken ? { ...options, idempotencyKey } : options)
        },
      }
    },
  },
  {
    name: 'creates what cannot be',
    breaks: 'a run that cannot be is not created',
    instead: (whole) => ({
      createRun: (run, batch, options) =>
        whole.createRun(
          run,
          { ...batch, events: batch.events.map((event, index) => ({ ...event, seq: index + 1 })) },
          options,
        ),
    }),
  },
  {
    name: 'leases a run that has ended',
    breaks: 'a run that ends as it is created is leased to nobody',
    instead: (whole) => ({
      async createRun(run, batch, options) {
        const answer = await whole.createRun(run, batch, options)
        if (answer.outcome !== 'created' || options.claim === undefined) return answer
        return { lease: { ...held(run.runId), expiresAt: answer.now + options.claim.ttlMs }, ...answer }
      },
    }),
  },
  {
    name: 'writes a plan over another',
    breaks: 'a plan is kept under its hash, and the same hash again changes nothing',
    instead: () => {
      const plans = new Map<string, Parameters<Storage['putPlan']>[1]>()
      return { putPlan: async (hash, plan) => void plans.set(hash, plan), getPlan: async (hash) => plans.get(hash) }
    },
  },
  {
    name: 'takes what is not there for an empty run',
    breaks: 'a run that does not exist has nothing to load or read',
    instead: (whole) => ({
      inbox: async (runId, after) =>
        (await whole.load(runId))
          ? whole.inbox(runId, after)
          : [{ id: '', name: '', payload: null, n: 1, deliveredAt: 0 }],
      async append(request) {
        const answer = await whole.append(request)
        return answer.outcome === 'gone' ? { outcome: 'conflict', now: answer.now } : answer
      },
    }),
  },
  {
    name: 'finds no run that does not exist wrong to write to',
    breaks: 'an append to a run that does not exist is gone',
    instead: (whole) => ({
      async append(request) {
        const answer = await whole.append(request)
        return answer.outcome === 'gone' ? { outcome: 'fenced', now: answer.now } : answer
      },
    }),
  },
  {
    name: 'lists the oldest run first',
    breaks: 'runs are listed newest first, as their rows are',
    instead: (whole) => ({
      async list(filter, page) {
        const { runs, ...rest } = await whole.list(filter, page)
        return { runs: runs.toReversed(), ...rest }
      },
    }),
  },
  {
    name: 'gives a cursor after the last page',
    breaks: 'pages give every run once, and the last page has no cursor',
    instead: (whole) => ({
      async list(filter, page) {
        const { runs, cursor } = await whole.list(filter, page)
        if (cursor !== undefined || runs.length < page.limit)
          return { runs, ...(cursor === undefined ? {} : { cursor }) }
        return { runs, cursor: '0' }
      },
    }),
  },
  {
    name: 'pages by offset',
    breaks: 'a cursor is stable while runs are created and deleted',
    instead: (whole) => ({
      async list(filter, { limit, cursor }) {
        const start = Number(cursor ?? 0)
        const { runs } = await whole.list(filter, { limit: 1_000 })
        const end = start + limit
        return { runs: runs.slice(start, end), ...(end < runs.length ? { cursor: String(end) } : {}) }
      },
    }),
  },
  {
    name: 'filters a page after it was cut',
    breaks: 'a filter holds with all its conditions, page after page',
    instead: (whole) => ({
      async list(filter, page) {
        const { runs, ...rest } = await whole.list({}, page)
        return { runs: runs.filter((row) => filter.status?.includes(row.status) ?? true), ...rest }
      },
    }),
  },
  {
    name: 'begins again where it does not know a cursor',
    breaks: 'a cursor that was never given is refused',
    instead: (whole) => ({ list: (filter, { limit }) => whole.list(filter, { limit }) }),
  },
  {
    name: 'gives out the rows it works on',
    breaks: 'a row that was given out does not change afterwards',
    instead: (whole) => {
      const given = new Map<string, RunRow>()
      return {
        async load(runId) {
          const run = await whole.load(runId)
          if (run !== undefined) given.set(runId, run.row)
          return run
        },
        async append(request) {
          const answer = await whole.append(request)
          const row = given.get(request.runId)
          if (row !== undefined) Object.assign(row, (await whole.load(request.runId))?.row)
          return answer
        },
      }
    },
  },
  {
    name: 'leaves blobs behind',
    breaks: 'a run that was deleted is gone with all that belonged to it',
    instead: (whole) => {
      const texts = new Map<string, string | undefined>()
      return {
        async delete(runId) {
          texts.set(runId, await whole.getBlob(runId, 'c'.repeat(64)))
          return whole.delete(runId)
        },
        getBlob: async (runId, sha256) => (await whole.getBlob(runId, sha256)) ?? texts.get(runId),
      }
    },
  },
  {
    name: 'leaves messages behind',
    breaks: 'a run created with the id of a deleted one sees nothing of it',
    instead: (whole) => {
      const deleted = new Set<string>()
      return {
        async delete(runId) {
          deleted.add(runId)
          return whole.delete(runId)
        },
        deliver: async (runId, message) => {
          const answer = await whole.deliver(runId, message)
          return deleted.has(runId) && answer.outcome === 'accepted' ? { ...answer, outcome: 'duplicate' } : answer
        },
      }
    },
  },
  {
    name: 'knows a run by its id alone',
    breaks: 'a lease of a run that was deleted is no lease of the run that took its id',
    instead: (whole) => {
      const newest = async <Held extends LeaseName>(lease: Held): Promise<Held> => {
        const run = await whole.load(lease.runId)
        return { ...lease, incarnation: run?.row.incarnation ?? lease.incarnation }
      }
      return {
        append: async (request) => whole.append(await newest(request)),
        renew: async ({ leases, ttlMs }) => whole.renew({ leases: await Promise.all(leases.map(newest)), ttlMs }),
        release: async (lease) => whole.release(await newest(lease)),
      }
    },
  },
  {
    name: 'leaves idempotency keys behind',
    breaks: 'the idempotency key of a deleted run is free',
    instead: (whole) => {
      const keys = new Set<string>()
      return {
        async createRun(run, batch, options) {
          const { idempotencyKey } = options
          const taken = idempotencyKey !== undefined && keys.has(idempotencyKey)
          if (idempotencyKey !== undefined) keys.add(idempotencyKey)
          const answer = await whole.createRun(run, batch, options)
          return taken ? { outcome: 'existing', now: answer.now, runId: '', sameInput: true } : answer
        },
      }
    },
  },
  {
    name: 'deletes only by hiding for the moment',
    breaks: 'a run that has ended is deleted at once, and only once',
    instead: (whole) => ({ delete: async (runId) => (await whole.load(runId)) !== undefined }),
  },
  {
    name: 'deletes a run under its holder',
    breaks: 'a run that is held, or does not exist, is not deleted',
    instead: (whole) => ({
      async delete(runId) {
        await whole.release(held(runId))
        return whole.delete(runId)
      },
    }),
  },
  {
    name: 'goes on hinting',
    breaks: 'hints name runs that had news, and nobody is called back after leaving',
    instead: (whole) => ({
      subscribe(callback) {
        whole.subscribe?.(callback)
        return () => {}
      },
    }),
  },
]
