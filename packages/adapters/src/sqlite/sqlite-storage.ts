import { resolve } from 'node:path'
import type { Evidence, LeaseName, LoadedRun, Storage, Transaction } from '@segno/core'
import type { Definition, Json, RunEvent } from '@segno/schema/plan'
import { evidenceIn, removeEvidence } from '../evidence/evidence-in.ts'
import { threadKeeper } from '../keeper/thread-keeper.ts'
import type { ProcessIdentity } from '../process/process-identity.ts'
import { hintLine, type HintLine } from '../hints/hint-line.ts'
import type { Journal, PageText } from './protocol.ts'
import { appendText, eventsOf, eventTexts, messageOf, textOf } from './texts.ts'
import { threadLink, type ThreadLink } from './thread-link.ts'

/** How a SQLite storage behaves. */
export interface SqliteStorageOptions {
  /** The database; it and the folders above it are made with the first call. */
  readonly file: string
  /** The store's clock, epoch ms; `Date.now` unless given. */
  readonly now?: () => number
  /** Where attempts leave what people read; a folder beside the database, `<file>.d`, unless given. */
  readonly evidence?: string
  /** Which process this is; as the host says unless given. */
  readonly identity?: ProcessIdentity
}

/** A storage in a SQLite database, for several processes of one host. */
export interface SqliteStorage extends Storage {
  /** Where attempts leave what people read. */
  readonly evidence: Evidence
  subscribe: NonNullable<Storage['subscribe']>
  begin: NonNullable<Storage['begin']>
  /**
   * Closes the database, after what was asked for before is done. Leases that are held
   * stay held until they run out or the process ends. Again, it does nothing.
   */
  close(): Promise<void>
}

/**
 * A storage in a SQLite database, durable through a loss of power. The database is
 * used in a thread of its own, so that its disk never stops the host; what several
 * runs write at once is synced once. Several processes of one host may use one file;
 * network file systems are not supported.
 */
export function sqliteStorage(options: SqliteStorageOptions): SqliteStorage {
  const file = resolve(options.file)
  const evidence = resolve(options.evidence ?? `${file}.d`)
  const identity = options.identity && JSON.stringify(options.identity)
  const link = threadLink({ file, identity }, options.now)
  const hints = hintLine()
  return {
    capabilities: { multiProcess: true, durability: 'power', transactions: true },
    async putPlan(hash, definition) {
      await link.call('putPlan', { hash, json: textOf(definition) })
    },
    async getPlan(hash) {
      const json = await link.call('getPlan', { hash })
      return json === undefined ? undefined : (JSON.parse(json) as Definition)
    },
    async createRun(run, { events, ...batch }, createOptions) {
      const creation = { run, batch: { ...batch, events: eventTexts(events) }, options: createOptions }
      const answer = await link.call('createRun', creation)
      if (answer.outcome === 'created') hints.send(run.runId, 'journal')
      return answer
    },
    row: (runId) => link.call('row', { runId }),
    load: (runId, { withPlan = false } = {}) => load(link, { runId, ...(withPlan && { withPlan }) }),
    read: (runId, from) => read(link, runId, from),
    async append(request) {
      const answer = await link.call('append', appendText(request))
      if (answer.outcome === 'ok') hints.send(request.runId, 'journal')
      return answer
    },
    getBlob: (runId, sha256) => link.call('getBlob', { runId, sha256 }),
    async deliver(runId, message) {
      const answer = await link.call('deliver', { runId, id: message.id, json: textOf(message) })
      if (answer.outcome === 'accepted') hints.send(runId, 'inbox')
      return answer
    },
    inbox: async (runId, after) => (await link.call('inbox', { runId, after })).map(messageOf),
    acquire: (wanted) => link.call('acquire', wanted),
    renew: (wanted) => link.call('renew', wanted),
    async release(lease) {
      if (await link.call('release', lease)) hints.send(lease.runId, 'journal')
    },
    list: (filter, page) => link.call('list', { filter, page }),
    async delete(runId) {
      const isDeleted = await link.call('delete', { runId })
      if (!isDeleted) return false
      hints.send(runId, 'journal')
      await removeEvidence(evidence, runId)
      return true
    },
    subscribe: hints.subscribe,
    // Only what is as another thread would open it can be kept from there.
    ...(options.now === undefined && options.identity === undefined
      ? { keeper: (wanted) => threadKeeper({ kind: 'sqlite', options: { file } }, wanted) }
      : {}),
    begin: (lease, { timeoutMs }) => begin(link, hints, { lease, timeoutMs }),
    evidence: evidenceIn(evidence),
    close: () => link.close(),
  }
}

async function begin(
  link: ThreadLink,
  hints: HintLine,
  args: { readonly lease: LeaseName; readonly timeoutMs: number },
): Promise<Transaction | undefined> {
  const transaction = await link.call('begin', args)
  if (transaction === undefined) return undefined
  return {
    sql: { query: (text, values = []) => link.call('query', { transaction, text, values }) },
    async append(request) {
      const answer = await link.call('finish', { transaction, request: appendText(request) })
      if (answer.outcome === 'ok') hints.send(request.runId, 'journal')
      return answer
    },
    rollback: () => link.call('rollback', { transaction }),
  }
}

async function load(
  link: ThreadLink,
  asked: { readonly runId: string; readonly withPlan?: boolean },
): Promise<LoadedRun | undefined> {
  const loaded = await link.call('load', asked)
  if (loaded === undefined) return undefined
  const { now, row, snapshot, inbox, page, plan } = loaded
  return {
    ...{ now, row },
    ...(snapshot === undefined
      ? {}
      : { snapshot: { seq: snapshot.seq, format: snapshot.format, state: JSON.parse(snapshot.json) as Json } }),
    tail: pages(link, loaded, page),
    inbox: inbox.map(messageOf),
    ...(plan === undefined ? {} : { definition: JSON.parse(plan) as Definition }),
  }
}

async function* read(link: ThreadLink, runId: string, from: number): AsyncGenerator<readonly RunEvent[]> {
  const journal = await link.call('journal', { runId })
  if (journal !== undefined) yield* pages(link, journal, { json: '[]', next: Math.max(1, from) })
}

/** The first page and those that follow, to the head as it was when the journal was asked for. */
async function* pages(link: ThreadLink, { run, head }: Journal, first: PageText): AsyncGenerator<readonly RunEvent[]> {
  let page = first
  for (;;) {
    // While one page is read, the thread looks for the next one.
    const next = page.next > head ? undefined : link.call('page', { run, from: page.next, to: head })
    // A fault of it is told when it is asked for.
    next?.catch(() => undefined)
    const events = eventsOf(page)
    if (events.length > 0) yield events
    if (next === undefined) return
    page = await next
  }
}
