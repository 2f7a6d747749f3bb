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
    const found = await inTurns(mutantNames, async (mutant) => {
      const campaign = await torture({ ...mutants[mutant], bundle, mutant, endMs: 3000 })
      return campaign.wrong.find((text) => mutants[mutant].found.test(text))
    })
    for (const [index, text] of found.entries()) expect(text, mutantNames[index]).toBeDefined()
    await keepFigures('file-torture-mutants', { mutants: mutantNames.length, found: found.length })
  })
})

const met = [
  ...['killedEarly', 'frozen', 'recoveries', 'lostAttempts', 'startedProcesses', 'handlerCalls'],
  ...['acceptedMessages', 'snapshots', 'blobs', 'cancelledRuns', 'blockedRuns'],
]

const mutants: Readonly<Record<MutantName, { seed: number; kills: number; found: RegExp }>> = {
  'an append is acknowledged before it is written': { seed: 1, kills: 4, found: /acknowledged event .* is lost/ },
  'who has lost its lease goes on writing': { seed: 2, kills: 8, found: /is lost|is altered|both had/ },
  'processes are not watched over': { seed: 1, kills: 6, found: /has outlived its host/ },
  'a once step is repeated after a loss': { seed: 1, kills: 10, found: /once, and done twice/ },
  'a message is lost from the inbox': { seed: 1, kills: 2, found: /was accepted, and applied 0 times/ },
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
