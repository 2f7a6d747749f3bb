import type { LeaseHolder, Storage } from '../../ports/storage.ts'
import type { BrokenStorage } from './broken-storages.ts'
import { held } from './law-run.ts'
import { without } from './without.ts'

/** Mistakes with leases and with what is due. */
export const brokenLeases: readonly BrokenStorage[] = [
  {
    name: 'does not fence',
    breaks: 'a holder whose run was taken over is fenced, at the head and behind it',
    instead(whole) {
      const newest = newestTokens(whole)
      return { ...newest.instead, append: (request) => whole.append({ ...request, token: newest.of(request.runId) }) }
    },
  },
  {
    name: 'lets a lease last until somebody takes the run over',
    breaks: 'a lease that has expired is fenced, even if nobody took it over',
    instead: (whole, leaseMs) => ({
      createRun: (run, batch, options) =>
        whole.createRun(run, batch, { ...options, ...longer(options.claim, leaseMs) }),
    }),
  },
  {
    name: 'gives no lease to a creator',
    breaks: 'the creator that claims a run holds its first lease, whose token is 1',
    instead: (whole) => ({
      createRun: (run, batch, options) => whole.createRun(run, batch, without(options, 'claim')),
    }),
  },
  {
    name: 'does not tell who holds a run',
    breaks: 'a row tells who holds the run, until when, and whether that is over',
    instead: (whole) => ({
      async row(runId) {
        const row = await whole.row(runId)
        return row && without(row, 'holder')
      },
    }),
  },
  {
    name: 'tells who held a run last',
    breaks: 'a row names no holder where nobody drives the run',
    instead(whole) {
      const last = new Map<string, LeaseHolder>()
      return {
        async row(runId) {
          const row = await whole.row(runId)
          const holder = row?.holder ?? last.get(runId)
          return row && holder ? { ...row, holder } : row
        },
        async createRun(run, batch, options) {
          const answer = await whole.createRun(run, batch, options)
          const holder = (await whole.row(run.runId))?.holder
          if (holder !== undefined) last.set(run.runId, holder)
          return answer
        },
      }
    },
  },
  {
    name: 'counts tokens from 0',
    breaks: 'the first lease of a run that nobody claimed has token 1',
    instead: (whole) => ({ acquire: (wanted) => withTokens(whole, wanted, (token) => token - 1) }),
  },
  {
    name: 'gives every holder the same token',
    breaks: 'the tokens of a run strictly increase, however a lease ends',
    instead: (whole) => ({ acquire: (wanted) => withTokens(whole, wanted, () => 1) }),
  },
  {
    name: 'takes any token that is not older',
    breaks: 'a token that was never given is fenced',
    instead(whole) {
      const newest = newestTokens(whole)
      const clamped = (runId: string, token: number) => Math.min(token, newest.of(runId))
      return {
        ...newest.instead,
        append: (request) => whole.append({ ...request, token: clamped(request.runId, request.token) }),
      }
    },
  },
  {
    name: 'keeps a lease that is given back',
    breaks: 'a run that was released is due at once, whatever its wakeAt',
    instead: (whole) => ({ release: async () => {}, append: (request) => whole.append(without(request, 'release')) }),
  },
  {
    name: 'lets the holder write on after giving its lease back',
    breaks: 'a lease that was given back is fenced',
    instead: (whole, ttlMs) => ({
      release: async () => {},
      async append(request) {
        const answer = await whole.append(request)
        if (answer.outcome !== 'ok' || request.park === undefined) return answer
        await whole.acquire({ owner: 'same', ttlMs, limit: 1, runIds: [request.runId] })
        return answer
      },
    }),
  },
  {
    name: 'gives runs that are held to whoever asks',
    breaks: 'of fifty that want one run exactly one gets it',
    instead(whole) {
      const newest = newestTokens(whole)
      return {
        ...newest.instead,
        acquire(wanted) {
          for (const runId of newest.all.keys()) takeBack(whole, runId)
          return whole.acquire(wanted)
        },
      }
    },
  },
  {
    name: 'forgets runs that one holder could not take',
    breaks: 'contenders share out the runs that are due, and none is given twice or forgotten',
    instead: (whole) => ({
      async acquire(wanted) {
        const { now, runs } = await whole.acquire({ ...wanted, limit: wanted.limit + 1 })
        return { now, runs: runs.slice(0, wanted.limit) }
      },
    }),
  },
  {
    name: 'does not tell that a lease expired',
    breaks: 'a lease is held until it expires by the store’s clock, and is then taken over as expired',
    instead: (whole) => ({ acquire: (wanted) => withExpired(whole, wanted, false) }),
  },
  {
    name: 'takes every lease for expired',
    breaks: 'a lease that was given back is not taken over as expired, however late',
    instead: (whole) => ({ acquire: (wanted) => withExpired(whole, wanted, true) }),
  },
  {
    name: 'renews in the answer only',
    breaks: 'a renewed lease lasts from the renewal on',
    instead: (whole) => ({
      async renew({ leases, ttlMs }) {
        const { now } = await whole.renew({ leases: [], ttlMs })
        return { now, renewed: leases.map(({ runId }) => ({ runId, expiresAt: now + ttlMs, inboxHead: 0 })) }
      },
    }),
  },
  {
    name: 'does not tell of messages when it renews',
    breaks: 'a renewal tells of messages that came meanwhile',
    instead: (whole) => ({
      async renew(held) {
        const { now, renewed } = await whole.renew(held)
        return { now, renewed: renewed.map((lease) => ({ ...lease, inboxHead: 0 })) }
      },
    }),
  },
  {
    name: 'renews leases that are no longer held',
    breaks: 'only a lease that is held is renewed',
    instead: (whole) => ({
      async renew({ leases, ttlMs }) {
        const { now } = await whole.acquire({
          owner: 'again',
          ttlMs,
          limit: 9,
          runIds: leases.map(({ runId }) => runId),
        })
        return { now, renewed: leases.map(({ runId }) => ({ runId, expiresAt: now + ttlMs, inboxHead: 0 })) }
      },
    }),
  },
  {
    name: 'releases whatever lease there is',
    breaks: 'releasing a lease that is no longer held leaves the next holder alone',
    instead(whole) {
      const newest = newestTokens(whole)
      return { ...newest.instead, release: (held) => whole.release({ ...held, token: newest.of(held.runId) }) }
    },
  },
  {
    name: 'renews with each append',
    breaks: 'appending does not prolong a lease',
    instead: (whole, ttlMs) => ({
      async append(request) {
        const answer = await whole.append(request)
        await whole.renew({ leases: [request], ttlMs })
        return answer
      },
    }),
  },
  {
    name: 'wakes sleepers early',
    breaks: 'a parked run is acquired when its time comes, not before',
    instead: (whole) => ({
      append: (request) => whole.append({ ...request, wakeAt: request.wakeAt === null ? null : 0 }),
    }),
  },
  {
    name: 'does not wake who waits for a time that has passed',
    breaks: 'a run parked for a time that has passed is due at once',
    instead: (whole) => ({
      append: (request) => whole.append({ ...request, wakeAt: request.wakeAt === 0 ? null : request.wakeAt }),
    }),
  },
  {
    name: 'wakes who waits for a message',
    breaks: 'a run parked for a message waits for it, however long',
    instead: (whole) => ({ append: (request) => whole.append({ ...request, wakeAt: request.wakeAt ?? 0 }) }),
  },
  {
    name: 'gives runs that have ended',
    breaks: 'a run that has ended is never acquired',
    instead: (whole) => ({
      async acquire(wanted) {
        const { now, runs } = await whole.acquire(wanted)
        const ended = await whole.list({ status: ['completed'] }, { limit: 9 })
        const lease = (runId: string) => ({ ...held(runId, 9), expiresAt: now })
        return { now, runs: [...runs, ...ended.runs.map((row) => ({ lease: lease(row.runId), row, expired: false }))] }
      },
    }),
  },
  {
    name: 'gives the newest runs first',
    breaks: 'runs are acquired longest due first, expired ones in their turn',
    instead: (whole) => ({
      async acquire(wanted) {
        const { now, runs } = await whole.acquire(wanted)
        return { now, runs: runs.toReversed() }
      },
    }),
  },
  {
    name: 'gives runs by their names',
    breaks: 'a run that is due is not starved by those that are due again and again',
    instead: (whole) => ({
      async acquire(wanted) {
        const { runs } = await whole.list({}, { limit: 1_000 })
        for (const runId of wanted.runIds ?? runs.map((row) => row.runId).toSorted()) {
          const one = await whole.acquire({ ...wanted, limit: 1, runIds: [runId] })
          if (one.runs.length > 0) return one
        }
        return { now: 0, runs: [] }
      },
    }),
  },
  {
    name: 'gives more runs than asked for',
    breaks: 'no more runs are acquired than asked for',
    instead: (whole) => ({ acquire: (wanted) => whole.acquire({ ...wanted, limit: 1_000 }) }),
  },
  {
    name: 'looks only at the oldest fifty',
    breaks: 'many runs that are held do not hide the one that is due',
    instead: (whole) => ({
      async acquire(wanted) {
        const { runs } = await whole.list({}, { limit: 1_000 })
        return whole.acquire({ ...wanted, runIds: runs.slice(-50).map((row) => row.runId) })
      },
    }),
  },
  {
    name: 'does not look at run ids',
    breaks: 'with run ids only these are acquired, if they are due',
    instead: (whole) => ({ acquire: (wanted) => whole.acquire(without(wanted, 'runIds')) }),
  },
  {
    name: 'does not look at labels',
    breaks: 'with labels only runs that have all of them are acquired, and the others stay due',
    instead: (whole) => ({ acquire: (wanted) => whole.acquire(without(wanted, 'labels')) }),
  },
  {
    name: 'does not look at workflows',
    breaks: 'with workflows only runs of these are acquired, and the others stay due',
    instead: (whole) => ({ acquire: (wanted) => whole.acquire(without(wanted, 'workflows')) }),
  },
  {
    name: 'excepts runs only after it has counted them',
    breaks: 'runs and plans that are excepted are passed over, hide no other, and stay due',
    instead: (whole) => ({
      async acquire(wanted) {
        const { now, runs } = await whole.acquire(without(wanted, 'except'))
        const isMeant = ({ row }: (typeof runs)[number]): boolean =>
          wanted.except?.plans?.includes(row.plan) !== true && wanted.except?.runIds?.includes(row.runId) !== true
        for (const { lease } of runs.filter((run) => !isMeant(run))) await whole.release(lease)
        return { now, runs: runs.filter(isMeant) }
      },
    }),
  },
]

type Wanted = Parameters<Storage['acquire']>[0]
type Claim = { readonly owner: string; readonly ttlMs: number }

async function withTokens(
  whole: Storage,
  wanted: Wanted,
  change: (token: number) => number,
): ReturnType<Storage['acquire']> {
  const { now, runs } = await whole.acquire(wanted)
  return { now, runs: runs.map((run) => ({ ...run, lease: { ...run.lease, token: change(run.lease.token) } })) }
}

async function withExpired(whole: Storage, wanted: Wanted, expired: boolean): ReturnType<Storage['acquire']> {
  const { now, runs } = await whole.acquire(wanted)
  return { now, runs: runs.map((run) => ({ ...run, expired })) }
}

function longer(claim: Claim | undefined, leaseMs: number): { readonly claim?: Claim } {
  return claim === undefined ? {} : { claim: { ...claim, ttlMs: leaseMs * 1_000 } }
}

function takeBack(whole: Storage, runId: string): void {
  for (let token = 1; token <= 50; token += 1) void whole.release(held(runId, token))
}

/** The newest token of each run, as the answers of a storage tell it. */
function newestTokens(whole: Storage) {
  const all = new Map<string, number>()
  const instead: Pick<Storage, 'acquire' | 'createRun'> = {
    async acquire(wanted) {
      const answer = await whole.acquire(wanted)
      for (const { lease } of answer.runs) all.set(lease.runId, lease.token)
      return answer
    },
    async createRun(run, batch, options) {
      const answer = await whole.createRun(run, batch, options)
      if (answer.outcome === 'created') all.set(run.runId, answer.lease?.token ?? 0)
      return answer
    },
  }
  return { all, instead, of: (runId: string) => all.get(runId) ?? 0 }
}
