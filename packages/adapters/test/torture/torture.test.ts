import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { keepFigures } from '../file/figures.ts'
import { torture, type Campaign, type CampaignOptions } from './campaign.ts'
import { mutantNames, type MutantName } from './mutants.ts'
import { startServer, whyNoServer, type PostgresServer } from '../postgres/server.ts'
import { storeKinds, type StoreKind } from './store-place.ts'
import { bundleWorker } from './worker-process.ts'

const isLong = process.env['SEGNO_TORTURE'] !== undefined
const givenSeed = process.env['SEGNO_SEED']
/** The short test is the same each time; the long one begins where nobody has been. */
const seedBase = givenSeed !== undefined ? Number(givenSeed) : isLong ? 1 + Math.floor(Math.random() * 1e6) : 1
const kills = isLong ? 500 : 50
const killsOfOne = 25
const seeds = givenSeed !== undefined ? [seedBase] : Array.from({ length: kills / killsOfOne }, (_, n) => seedBase + n)
const atOnce = 2
const peakMiBMax = 512
const command = 'npm run test:torture'

const missing = existsSync('/proc/self/environ') ? undefined : 'processes cannot be looked for without /proc'
if (missing !== undefined) process.stdout.write(`not run: kills with SIGKILL: ${missing}\n`)
const noServer = whyNoServer()
if (noServer !== undefined) process.stdout.write(`not run: the torture of PostgreSQL: ${noServer}\n`)
const kinds = storeKinds.filter((kind) => kind !== 'postgres' || noServer === undefined)
if (!isLong) process.stdout.write(`not run: the mutants of the torture; ${command} runs them\n`)

describe.skipIf(missing !== undefined)('hosts that are killed at any moment, with all that they do', () => {
  let folder = ''
  let bundle = ''
  let server: PostgresServer | undefined
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'segno-worker-'))
    bundle = await bundleWorker(folder)
    if (noServer === undefined) server = await startServer()
  })
  afterAll(async () => {
    await server?.stop()
    await rm(folder, { recursive: true, force: true })
  })
  const made = (kind: StoreKind) => ({ bundle, kind, url: server?.url() ?? '' })

  const title = 'lose nothing that was acknowledged, do nothing again that has completed, and leave nobody alive: %s'
  test.for(kinds)(title, async (kind) => {
    process.stdout.write(`torture of ${kind}: seeds ${seedBase} to ${seedBase + seeds.length - 1}\n`)
    const startedAt = performance.now()
    const play = (seed: number): Promise<Campaign> => {
      const options = { ...made(kind), seed, kills: killsOfOne, hosts: hostsOf(kind, seed) }
      return kind === 'postgres' && options.hosts > 1 ? onRestartedServer(options) : torture(options)
    }
    const campaigns = await inTurns(seeds, play)
    const wrong = campaigns.flatMap((campaign, index) => {
      const replay = `SEGNO_SEED=${seeds[index]} npm test -- --project torture -t ${kind}`
      return campaign.wrong.map((text) => `seed ${seeds[index]}: ${text} (again: ${replay})`)
    })
    expect(wrong.slice(0, 20)).toEqual([])
    const seconds = Math.round((performance.now() - startedAt) / 1000)
    const sum = sumOf(campaigns)
    await keepFigures(`${kind}-torture`, { command, ...machine(), seedBase, seconds, ...sum })
    expect(sum['peakMiB'], 'memory of a host').toBeLessThan(peakMiBMax)
    // One seed alone need not meet everything.
    const wanted = kind === 'postgres' ? [...met, 'restarts'] : met
    if (seeds.length > 1) for (const name of wanted) expect(sum[name], name).toBeGreaterThan(0)
    if (isLong && seeds.length > 1) expect(sum['frozen'], 'stops for longer than a lease').toBeGreaterThanOrEqual(50)
  })

  // What this cannot find is a sync that is missing: what is written is there, as long as the host stands.
  test.runIf(isLong).for(kinds)('are found out where they do otherwise: %s', async (kind) => {
    // Without a database there is no transaction to break.
    const names = mutantNames.filter((name) => kind !== 'file' || mutants[name].inDatabase !== true)
    const found = await inTurns(names, (mutant) => killsUntilFound(mutant, made(kind)))
    const kills = Object.fromEntries(names.map((mutant, index) => [mutant, found[index]]))
    for (const mutant of names) expect(kills[mutant], mutant).toBeDefined()
    await keepFigures(`${kind}-torture-mutants`, { mutants: names.length, kills })
  })
})

const met = [
  ...['killedEarly', 'frozen', 'recoveries', 'lostAttempts', 'startedProcesses', 'handlerCalls'],
  ...['acceptedMessages', 'snapshots', 'blobs', 'cancelledRuns', 'blockedRuns'],
]

/** A mutant: the sentence that it is found out by, whether it takes two hosts, and whether it takes a database. */
interface Mutant {
  readonly found: RegExp
  readonly pair?: true
  readonly inDatabase?: true
}

const mutants: Readonly<Record<MutantName, Mutant>> = {
  'an append is acknowledged before it is written': { found: /acknowledged event .* is lost/ },
  'who has lost its lease goes on writing': { found: /is lost|is altered|both had/, pair: true },
  'processes are not watched over': { found: /has outlived its host/ },
  'a once step is repeated after a loss': { found: /once, and done twice/ },
  'a message is lost from the inbox': { found: /was accepted, and applied 0 times/ },
  'timers fire before their time': { found: /fired early/ },
  'a secret is not masked': { found: /a secret is told/ },
  'a transaction is committed apart from the append': { found: /\d rows, and not/, inDatabase: true },
}

/** Every second store has one host; of the others, those that are made for many have four. */
function hostsOf(kind: StoreKind, seed: number): number {
  if (seed % 2 === 1) return 1
  return kind === 'file' || seed % 4 === 0 ? 2 : 4
}

/** On a server of its own, as others are not to be stopped with it. */
async function onRestartedServer(options: CampaignOptions): Promise<Campaign> {
  const server = await startServer()
  try {
    return await torture({ ...options, url: server.url(), restart: () => server.restart() })
  } finally {
    await server.stop()
  }
}

type Made = Pick<CampaignOptions, 'bundle' | 'kind' | 'url'>

async function killsUntilFound(mutant: MutantName, store: Made): Promise<number | undefined> {
  const { found, pair } = mutants[mutant]
  const [storesMax, killsOfStore] = [8, 6]
  // On PostgreSQL what a host has left is had when its lease has run out, and some mutants are only seen in what comes then.
  const endMs = store.kind === 'postgres' ? 10_000 : 3000
  for (let tried = 0, killed = 0; tried < storesMax; tried++) {
    const [seed, hosts] = [seedBase + tried, pair === true ? 2 : 1]
    const campaign = await torture({ ...store, seed, kills: killsOfStore, hosts, mutant, endMs })
    killed += campaign.killed
    if (campaign.wrong.some((text) => found.test(text))) return killed
  }
  return undefined
}

async function inTurns<Item, Result>(items: readonly Item[], work: (item: Item) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = []
  const waiting = [...items.entries()]
  const next = async (): Promise<void> => {
    for (let entry = waiting.shift(); entry !== undefined; entry = waiting.shift()) {
      const [index, item] = entry
      results[index] = await work(item)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, next))
  return results
}

function machine(): { readonly node: string; readonly cores: number } {
  return { node: process.version, cores: availableParallelism() }
}

function sumOf(campaigns: readonly Campaign[]): Readonly<Record<string, number>> {
  const sum: Record<string, number> = {}
  for (const { wrong, figures, peakMiB, ...counts } of campaigns) {
    const all = { ...counts, ...figures, wrong: wrong.length }
    for (const [name, count] of Object.entries(all)) sum[name] = (sum[name] ?? 0) + count
    sum['peakMiB'] = Math.max(sum['peakMiB'] ?? 0, peakMiB)
  }
  return sum
}
