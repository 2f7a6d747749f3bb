import { spawn } from 'node:child_process'
import type { Secrets, Shell, Storage } from '@segno/core'
import type { Definition } from '@segno/schema/plan'
import { inDatabase } from './bookings.ts'
import { secret, secretName } from './secret.ts'
import type { StorePlace } from './store-place.ts'

/** What is broken on purpose, to see that it is found out. */
export const mutantNames = [
  'an append is acknowledged before it is written',
  'who has lost its lease goes on writing',
  'processes are not watched over',
  'a once step is repeated after a loss',
  'a message is lost from the inbox',
  'timers fire before their time',
  'a secret is not masked',
  'a transaction is committed apart from the append',
] as const

/** The name of a mutant. */
export type MutantName = (typeof mutantNames)[number]

/** A storage that has the fault of the mutant, where that is one of storages. */
export function mutantStorage(mutant: MutantName | undefined, storage: Storage, place: StorePlace): Storage {
  if (mutant === 'an append is acknowledged before it is written') return early(storage)
  if (mutant === 'who has lost its lease goes on writing') return unfenced(storage)
  if (mutant === 'a message is lost from the inbox') return forgetful(storage)
  if (mutant === 'timers fire before their time') return hasty(storage)
  if (mutant === 'a transaction is committed apart from the append') return apart(storage, place)
  return storage
}

/** How long a worker takes its leases to last. */
export function mutantLeaseMs(mutant: MutantName | undefined, leaseMs: number): number {
  return mutant === 'who has lost its lease goes on writing' ? unfencedLeaseMs : leaseMs
}

const unfencedLeaseMs = 60_000

/** Secrets as the engine is given them: it masks what it is given. */
export function mutantSecrets(mutant: MutantName | undefined, secrets: Secrets): Secrets {
  return mutant === 'a secret is not masked' ? { get: async () => 'something else' } : secrets
}

/** A shell that has the fault of the mutant. */
export function mutantShell(mutant: MutantName | undefined, shell: Shell): Shell {
  if (mutant === 'processes are not watched over') return unwatched
  if (mutant === 'a secret is not masked') return unmasked(shell)
  return shell
}

/** A workflow that has the fault of the mutant. */
export function mutantWorkflow(mutant: MutantName | undefined, definition: Definition): Definition {
  if (mutant !== 'a once step is repeated after a loss') return definition
  return JSON.parse(JSON.stringify(definition).replaceAll('"effect":"once"', '"effect":"idempotent"')) as Definition
}

const lateMs = 30

function early(storage: Storage): Storage {
  let queue: Promise<unknown> = Promise.resolve()
  return {
    ...storage,
    async append(request) {
      // What parks or ends a run is written first, so that the run goes on.
      if (request.park !== undefined || request.release === true) return storage.append(request)
      queue = queue
        .then(() => new Promise((resolve) => setTimeout(resolve, lateMs)))
        .then(() => storage.append(request))
        .catch(() => undefined)
      return { outcome: 'ok', now: Date.now(), inboxHead: 0 }
    },
  }
}

// To the store its leases are short, to the engine they never end: what the store refuses is told as written.
function unfenced(storage: Storage): Storage {
  const ttlMs = 300
  return {
    ...storage,
    createRun: (run, batch, { claim, ...rest }) =>
      storage.createRun(run, batch, { ...rest, ...(claim === undefined ? {} : { claim: { ...claim, ttlMs } }) }),
    acquire: (wanted) => storage.acquire({ ...wanted, ttlMs }),
    async append(request) {
      const answer = await storage.append(request)
      const isStale = answer.outcome === 'fenced' || answer.outcome === 'conflict' || answer.outcome === 'gone'
      return isStale ? { outcome: 'ok', now: answer.now, inboxHead: 0 } : answer
    },
    async renew({ leases }) {
      const { now } = await storage.renew({ leases: [], ttlMs })
      const renewed = leases.map(({ runId }) => ({ runId, expiresAt: now + unfencedLeaseMs, inboxHead: 0 }))
      return { now, renewed }
    },
  }
}

// What a step writes is there at once, and its end a little later.
function apart(storage: Storage, place: StorePlace): Storage {
  return {
    ...storage,
    begin: async () => ({
      sql: {
        async query(text, values = []) {
          await inDatabase(place, text, values.map(String))
          return { rows: [], rowCount: 1 }
        },
      },
      async append(request) {
        await new Promise((resolve) => setTimeout(resolve, lateMs))
        return storage.append(request)
      },
      rollback: async () => undefined,
    }),
  }
}

function forgetful(storage: Storage): Storage {
  const isKept = ({ n }: { readonly n: number }): boolean => n !== 1
  return {
    ...storage,
    async load(runId) {
      const loaded = await storage.load(runId)
      return loaded && { ...loaded, inbox: loaded.inbox.filter(isKept) }
    },
    async inbox(runId, after) {
      return (await storage.inbox(runId, after)).filter(isKept)
    },
  }
}

// The engine takes the store's time to be a little later than it is, and the store believes it.
function hasty(storage: Storage): Storage {
  const aheadMs = 60
  return {
    ...storage,
    createRun: async (...request) => later(await storage.createRun(...request), aheadMs),
    append: async (request) => later(await storage.append({ ...request, notBefore: undefined }), aheadMs),
    acquire: async (wanted) => later(await storage.acquire(wanted), aheadMs),
    renew: async (wanted) => later(await storage.renew(wanted), aheadMs),
    async load(runId) {
      const loaded = await storage.load(runId)
      return loaded && later(loaded, aheadMs)
    },
  }
}

function later<Reply extends { readonly now: number }>(reply: Reply, ms: number): Reply {
  return { ...reply, now: reply.now + ms }
}

// What a process gets past the engine is nothing that the engine could know.
function unmasked(shell: Shell): Shell {
  return {
    run: (command, context) =>
      shell.run(
        secretName in command.env ? { ...command, env: { ...command.env, [secretName]: secret } } : command,
        context,
      ),
  }
}

// As a shell is written that nobody has killed yet: in a group of its own, and killed with it when told to.
const unwatched: Shell = {
  run: ({ program, env }, { runId, path, attempt, idempotencyKey, signal }) =>
    new Promise((resolve, reject) => {
      const argv = 'argv' in program ? program.argv : ['sh', '-c', program.script]
      const [file = '', ...rest] = argv
      const attemptEnv = { SEGNO_RUN_ID: runId, SEGNO_STEP: path, SEGNO_ATTEMPT: String(attempt) }
      const child = spawn(file, rest, {
        detached: true,
        stdio: ['ignore', 'pipe', 'ignore'],
        env: { ...process.env, ...env, ...attemptEnv, SEGNO_IDEMPOTENCY_KEY: idempotencyKey },
      })
      const end = (): void => void spawn('kill', ['-9', '--', `-${child.pid}`], { stdio: 'ignore' })
      let printed = ''
      child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text))
      signal.addEventListener('abort', end)
      child.once('error', reject)
      child.once('exit', end)
      child.once('close', (code) => {
        signal.removeEventListener('abort', end)
        if (code === 0) resolve({ exitCode: 0, output: printed.trimEnd() })
        else reject(Object.assign(new Error(`exit code ${code}`), { code: 'EXIT_CODE', retryable: true }))
      })
    }),
}
