import { appendFile, mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileStorage } from '@segno/adapters/file'
import { seededRandom, type Random } from '@segno/core/testing'
import { judge, type Findings } from './judge.ts'
import { frozeLine } from './ledger.ts'
import type { MutantName } from './mutants.ts'
import { startSender } from './sender.ts'
import { endSurvivors, survivorsOf } from './survivors.ts'
import { startWorker, type Worker } from './worker-process.ts'

/** What is done to one store. */
export interface CampaignOptions {
  /** Decides when whom is killed, and what is started; not how the processes of a machine take turns. */
  readonly seed: number
  readonly kills: number
  readonly bundle: string
  readonly mutant?: MutantName
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
  readonly survivors: number
}

/** Tortures one store: workers on it are killed again and again, then what is left is ended, and judged. */
export async function torture(options: CampaignOptions): Promise<Campaign> {
  const folder = await mkdtemp(join(tmpdir(), `segno-torture-${options.seed}-`))
  const campaign = new Torture(options, folder)
  const counts = await campaign.run()
  const findings = await judge(join(folder, 'store'), join(folder, 'ledger'))
  const wrong = [...campaign.wrong, ...findings.wrong]
  // What is wrong is kept for whoever looks for the reason.
  if (wrong.length === 0 || options.mutant !== undefined) await rm(folder, { recursive: true, force: true })
  else wrong.push(`the store and the ledger are in ${folder}`)
  return { ...findings, ...counts, wrong }
}

const aloneLeaseMs = 30_000
/** Short, where a worker is stopped for longer. */
const pairLeaseMs = 900
const live = 20
const killedWithinMs = 400
/** For some, so that what takes longer is done too. */
const killedLateWithinMs = 1600
/** Also before the first event, while the worker still reads what others have left. */
const killedEarlyWithinMs = 250
const startMs = 60_000
const endDefaultMs = 60_000

class Torture {
  readonly wrong: string[] = []
  readonly #options: CampaignOptions
  readonly #folder: string
  readonly #random: Random
  /** One worker, or two at once on one store. */
  readonly #workers: (Worker | undefined)[]
  readonly #counts = { killed: 0, killedEarly: 0, frozen: 0, survivors: 0 }
  #started = 0

  constructor(options: CampaignOptions, folder: string) {
    this.#options = options
    this.#folder = folder
    this.#random = seededRandom(options.seed).stream('kills')
    this.#workers = options.seed % 2 === 0 ? [undefined, undefined] : [undefined]
  }

  async run(): Promise<Omit<Campaign, keyof Findings>> {
    await mkdir(join(this.#folder, 'workspace'))
    await writeFile(join(this.#folder, 'ledger'), '')
    const storage = fileStorage({ dir: join(this.#folder, 'store') })
    const random = seededRandom(this.#options.seed).stream('messages')
    const sender = startSender({ storage, ledger: join(this.#folder, 'ledger'), random })
    try {
      // The last of two is killed when the rounds are over.
      while (this.#counts.killed <= this.#options.kills - this.#workers.length) await this.#round()
      for (const [slot, worker] of this.#workers.entries()) if (worker !== undefined) await this.#kill(slot, worker)
      await sender.sendRest()
      await this.#end()
    } catch (error) {
      this.wrong.push(error instanceof Error ? error.message : String(error))
    } finally {
      for (const worker of this.#workers) await worker?.kill()
      await sender.stop()
      await storage.close()
    }
    return this.#counts
  }

  async #round(): Promise<void> {
    for (const slot of this.#workers.keys()) this.#workers[slot] ??= this.#start(live / this.#workers.length)
    const slot = this.#random.integer(this.#workers.length)
    const worker = this.#workers[slot]
    if (worker === undefined) return
    if (this.#random.chance(0.25)) await delay(this.#random.integer(killedEarlyWithinMs))
    else {
      await within(startMs, worker.acknowledged, () => `worker ${worker.name} did nothing\n${worker.complaints()}`)
      await delay(this.#random.integer(this.#random.chance(0.25) ? killedLateWithinMs : killedWithinMs))
      if (this.#workers.length > 1 && this.#random.chance(0.3)) await this.#freeze(worker)
    }
    await this.#kill(slot, worker)
  }

  // Whoever stands still for so long loses its runs to the other one, and does not know it when it goes on.
  async #freeze(worker: Worker): Promise<void> {
    worker.signal('SIGSTOP')
    this.#counts.frozen += 1
    await delay(pairLeaseMs * (1 + this.#random.next()))
    await appendFile(join(this.#folder, 'ledger'), frozeLine(worker.name))
    worker.signal('SIGCONT')
    await delay(this.#random.integer(killedWithinMs))
  }

  async #kill(slot: number, worker: Worker): Promise<void> {
    this.#counts.killed += 1
    if (!worker.hasAcknowledged()) this.#counts.killedEarly += 1
    this.#workers[slot] = undefined
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
    const { seed, bundle, mutant } = this.#options
    this.#started += 1
    return startWorker(bundle, {
      name: `w${seed}x${this.#started}`,
      store: join(this.#folder, 'store'),
      ledger: join(this.#folder, 'ledger'),
      workspace: join(this.#folder, 'workspace'),
      leaseMs: this.#workers.length > 1 ? pairLeaseMs : aloneLeaseMs,
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
