import { appendFile, mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { seededRandom, type Random } from '@segno/core/testing'
import { makeBookings } from './bookings.ts'
import { judge, type Findings } from './judge.ts'
import { frozeLine } from './ledger.ts'
import type { MutantName } from './mutants.ts'
import { startSender } from './sender.ts'
import { newPlace, openStore, type StoreKind, type StorePlace } from './store-place.ts'
import { endSurvivors, survivorsOf } from './survivors.ts'
import { startWorker, type Worker } from './worker-process.ts'

/** What is done to one store. */
export interface CampaignOptions {
  /** Decides when whom is killed, and what is started; not how the processes of a machine take turns. */
  readonly seed: number
  readonly kills: number
  readonly bundle: string
  readonly kind: StoreKind
  /** Of the server, where the store is in one. */
  readonly url: string
  /** How many workers are on the store at once. */
  readonly hosts: number
  readonly mutant?: MutantName
  /** Stops the server of the store at once, and starts it again, while workers are killed. */
  readonly restart?: () => Promise<void>
  /** How long what was left may take to end, once nobody is killed any more. */
  readonly endMs?: number
}

/** What was done, and what was found wrong with it. */
export interface Campaign extends Findings {
  readonly killed: number
  /** Killed before the first event was acknowledged: while it took up what others had left. */
  readonly killedEarly: number
  /** Stopped for longer than a lease lasts, while another one went on. */
  readonly frozen: number
  /** How often the server was stopped. */
  readonly restarts: number
  readonly survivors: number
  /** The most memory that a worker has had. */
  readonly peakMiB: number
}

/** Tortures one store: workers on it are killed again and again, then what is left is ended, and judged. */
export async function torture(options: CampaignOptions): Promise<Campaign> {
  const folder = await mkdtemp(join(tmpdir(), `segno-torture-${options.kind}-${options.seed}-`))
  const place = newPlace(options.kind, folder, options.url)
  const campaign = new Torture(options, place)
  const counts = await campaign.run()
  const findings = await judge(place)
  const wrong = [...campaign.wrong, ...findings.wrong]
  // What is wrong is kept for whoever looks for the reason.
  if (wrong.length === 0 || options.mutant !== undefined) await rm(folder, { recursive: true, force: true })
  else wrong.push(`the store and the ledger are in ${folder}`)
  return { ...findings, ...counts, wrong }
}

/** Where the death of a process is seen by the others, and none is stopped. */
const longLeaseMs = 30_000
/** Where a worker is stopped for longer, or only time tells that it is dead. */
const shortLeaseMs = 1000
const live = 20
const killedWithinMs = 400
/** For some, so that what takes longer is done too. */
const killedLateWithinMs = 1600
/** Also before the first event, while the worker still reads what others have left. */
const killedEarlyWithinMs = 250
const startMs = 120_000
/** Of the workers that have others beside them, so many are stopped before they are killed. */
const freezes = 0.4
/** Of the rounds, so many begin with a restart, if the one before is over. */
const restarts = 0.25
const endDefaultMs = 180_000

class Torture {
  readonly wrong: string[] = []
  readonly #options: CampaignOptions
  readonly #place: StorePlace
  readonly #folder: string
  readonly #random: Random
  readonly #workers: (Worker | undefined)[]
  readonly #counts = { killed: 0, killedEarly: 0, frozen: 0, restarts: 0, survivors: 0, peakMiB: 0 }
  #started = 0
  #restarting: Promise<void> | undefined

  constructor(options: CampaignOptions, place: StorePlace) {
    this.#options = options
    this.#place = place
    this.#folder = place.folder
    this.#random = seededRandom(options.seed).stream('kills')
    this.#workers = Array.from({ length: options.hosts }, () => undefined)
  }

  async run(): Promise<Omit<Campaign, keyof Findings>> {
    await mkdir(join(this.#folder, 'workspace'))
    await writeFile(join(this.#folder, 'ledger'), '')
    await makeBookings(this.#place)
    const store = openStore(this.#place)
    const random = seededRandom(this.#options.seed).stream('messages')
    const sender = startSender({ storage: store.storage, ledger: join(this.#folder, 'ledger'), random })
    try {
      // Those that are left are killed when the rounds are over.
      while (this.#counts.killed <= this.#options.kills - this.#workers.length) await this.#round()
      for (const [slot, worker] of this.#workers.entries()) if (worker !== undefined) await this.#kill(slot, worker)
      await this.#restarting
      await sender.sendRest()
      await this.#end()
    } catch (error) {
      this.wrong.push(error instanceof Error ? error.message : String(error))
    } finally {
      for (const worker of this.#workers) await worker?.kill()
      await sender.stop()
      await store.close()
    }
    return this.#counts
  }

  async #round(): Promise<void> {
    if (this.#options.restart !== undefined && this.#random.chance(restarts)) this.#restart(this.#options.restart)
    for (const slot of this.#workers.keys()) this.#workers[slot] ??= this.#start(live / this.#workers.length)
    const slot = this.#random.integer(this.#workers.length)
    const worker = this.#workers[slot]
    if (worker === undefined) return
    if (this.#random.chance(0.25)) await delay(this.#random.integer(killedEarlyWithinMs))
    else {
      await within(startMs, worker.acknowledged, () => `worker ${worker.name} did nothing\n${worker.complaints()}`)
      await delay(this.#random.integer(this.#random.chance(0.25) ? killedLateWithinMs : killedWithinMs))
      if (this.#workers.length > 1 && this.#random.chance(freezes)) await this.#freeze(worker)
    }
    await this.#kill(slot, worker)
  }

  // Not waited for: workers are killed while the server is away, and while it comes back.
  #restart(restart: () => Promise<void>): void {
    if (this.#restarting !== undefined) return
    this.#counts.restarts += 1
    this.#restarting = restart().then(
      () => (this.#restarting = undefined),
      (error: unknown) => void this.wrong.push(`the server did not come back: ${String(error)}`),
    )
  }

  // Whoever stands still for so long loses its runs to the other one, and does not know it when it goes on.
  async #freeze(worker: Worker): Promise<void> {
    worker.signal('SIGSTOP')
    this.#counts.frozen += 1
    await delay(shortLeaseMs * (1 + this.#random.next()))
    await appendFile(join(this.#folder, 'ledger'), frozeLine(worker.name))
    worker.signal('SIGCONT')
    await delay(this.#random.integer(killedWithinMs))
  }

  async #kill(slot: number, worker: Worker): Promise<void> {
    this.#counts.killed += 1
    if (!worker.hasAcknowledged()) this.#counts.killedEarly += 1
    this.#workers[slot] = undefined
    this.#counts.peakMiB = Math.max(this.#counts.peakMiB, worker.peakMiB())
    await worker.kill()
    await this.#expectNoSurvivors(worker.name)
  }

  async #end(): Promise<void> {
    const { endMs = endDefaultMs } = this.#options
    const worker = this.#start(0)
    this.#workers[0] = worker
    await within(endMs, worker.idle, () => `what was left did not end within ${endMs} ms\n${worker.complaints()}`)
    this.#workers[0] = undefined
    await this.#expectNoSurvivors(worker.name)
  }

  async #expectNoSurvivors(name: string): Promise<void> {
    const left = await survivorsOf(name)
    this.#counts.survivors += left.length
    for (const process of left) this.wrong.push(`a process has outlived its host: ${process}`)
    if (left.length > 0) await endSurvivors(name)
  }

  #start(count: number): Worker {
    const { seed, bundle, kind, mutant } = this.#options
    this.#started += 1
    return startWorker(bundle, {
      name: `w${seed}x${this.#started}`,
      store: this.#place,
      ledger: join(this.#folder, 'ledger'),
      workspace: join(this.#folder, 'workspace'),
      leaseMs: this.#workers.length > 1 || kind === 'postgres' ? shortLeaseMs : longLeaseMs,
      live: count,
      seed: seed * 1000 + this.#started,
      idempotencyKey: `life-${Math.floor(this.#started / 2)}`,
      ...(mutant === undefined ? {} : { mutant }),
    })
  }
}

async function within(ms: number, work: Promise<void>, otherwise: () => string): Promise<void> {
  const patience = new AbortController()
  const late = delay(ms, undefined, { signal: patience.signal }).then(
    () => {
      throw new Error(otherwise())
    },
    () => undefined,
  )
  try {
    await Promise.race([work, late])
  } finally {
    patience.abort()
  }
}
