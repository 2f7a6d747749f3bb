import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { keepFigures } from '../file/figures.ts'
import { torture, type Campaign } from './campaign.ts'
import { mutantNames, type MutantName } from './mutants.ts'
import { bundleWorker } from './worker-process.ts'

const isLong = process.env['SEGNO_TORTURE'] !== undefined
const givenSeed = process.env['SEGNO_SEED']
/** The short test is the same each time; the long one begins where nobody has been. */
const seedBase = givenSeed !== undefined ? Number(givenSeed) : isLong ? 1 + Math.floor(Math.random() * 1e6) : 1
const kills = isLong ? 500 : 50
const killsOfOne = 25
const seeds = givenSeed !== undefined ? [seedBase] : Array.from({ length: kills / killsOfOne }, (_, n) => seedBase + n)
const atOnce = 2
const command = 'npm run test:torture'

const missing = existsSync('/proc/self/environ') ? undefined : 'processes cannot be looked for without /proc'
if (missing !== undefined) process.stdout.write(`not run: kills with SIGKILL: ${missing}\n`)
if (!isLong) process.stdout.write(`not run: the mutants of the torture; ${command} runs them\n`)

describe.skipIf(missing !== undefined)('hosts that are killed at any moment, with all that they do', () => {
  let folder = ''
  let bundle = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'segno-worker-'))
    bundle = await bundleWorker(folder)
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  test('lose nothing that was acknowledged, do nothing again that has completed, and leave nobody alive', async () => {
    process.stdout.write(`torture: seeds ${seedBase} to ${seedBase + seeds.length - 1}\n`)
    const startedAt = performance.now()
    const campaigns = await inTurns(seeds, (seed) => torture({ seed, kills: killsOfOne, bundle }))
    const wrong = campaigns.flatMap((campaign, index) => {
      const replay = `SEGNO_SEED=${seeds[index]} npm test -- --project torture`
      return campaign.wrong.map((text) => `seed ${seeds[index]}: ${text} (again: ${replay})`)
    })
    expect(wrong.slice(0, 20)).toEqual([])
    const seconds = Math.round((performance.now() - startedAt) / 1000)
    const sum = sumOf(campaigns)
    await keepFigures('file-torture', { command, ...machine(), seedBase, seconds, ...sum })
    // One seed alone need not meet everything.
    if (seeds.length > 1) for (const name of met) expect(sum[name], name).toBeGreaterThan(0)
  })

  // What this cannot find is a sync that is missing: what is written is there, as long as the host stands.
  test.runIf(isLong)('are found out where they do otherwise', async () => {
    const found = await inTurns(mutantNames, (mutant) => killsUntilFound(mutant, bundle))
    const kills = Object.fromEntries(mutantNames.map((mutant, index) => [mutant, found[index]]))
    for (const mutant of mutantNames) expect(kills[mutant], mutant).toBeDefined()
    await keepFigures('file-torture-mutants', { mutants: mutantNames.length, kills })
  })
})

const met = [
  ...['killedEarly', 'frozen', 'recoveries', 'lostAttempts', 'startedProcesses', 'handlerCalls'],
  ...['acceptedMessages', 'snapshots', 'blobs', 'cancelledRuns', 'blockedRuns'],
]

/** The sentence that each is found out by; `pair` where it takes two hosts. */
const mutants: Readonly<Record<MutantName, { readonly found: RegExp; readonly pair?: true }>> = {
  'an append is acknowledged before it is written': { found: /acknowledged event .* is lost/ },
  'who has lost its lease goes on writing': { found: /is lost|is altered|both had/, pair: true },
  'processes are not watched over': { found: /has outlived its host/ },
  'a once step is repeated after a loss': { found: /once, and done twice/ },
  'a message is lost from the inbox': { found: /was accepted, and applied 0 times/ },
}

async function killsUntilFound(mutant: MutantName, bundle: string): Promise<number | undefined> {
  const { found, pair } = mutants[mutant]
  const [storesMax, killsOfStore, endMs] = [8, 6, 3000]
  for (let store = 0, killed = 0; store < storesMax; store++) {
    // Every second seed has two hosts.
    const seed = seedBase * 2 + store * 2 + (pair === true ? 0 : 1)
    const campaign = await torture({ seed, kills: killsOfStore, bundle, mutant, endMs })
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
  for (const { wrong, figures, ...counts } of campaigns) {
    const all = { ...counts, ...figures, wrong: wrong.length }
    for (const [name, count] of Object.entries(all)) sum[name] = (sum[name] ?? 0) + count
  }
  return sum
}
