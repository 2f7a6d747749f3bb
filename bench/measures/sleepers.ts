import { setTimeout } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createEngine, type Engine, type Storage } from '@segno/core'
import type { Definition } from '@segno/schema/plan'
import { Client } from 'pg'
import { percentile, timed } from '../samples.ts'
import type { Measure, TaskPlace } from '../task.ts'
import { inTurns } from '../workloads/sequences.ts'
import { storeNamed } from './stores.ts'

const day = 24 * 3_600_000
const polls = 200
const atATime = 100
const warmUpRuns = 100
const patienceMs = 600_000
const definition: Definition = { segno: 1, name: 'sleeper', steps: [{ id: 'nap', sleep: '1d' }] }

/** W6: very many runs that sleep: what each takes of the host's memory, how long a look for due ones takes, and to wake all. */
export const measure: Measure = async ({ place, sizes, options }) => {
  // A file of its own for each run is not made for so many of them.
  const count = options['store'] === 'file' ? sizes.sleepers / 20 : sizes.sleepers
  let skewMs = 0
  const storage = storeNamed(options['store'])(place, () => Date.now() + skewMs)
  const engine = createEngine({ storage })
  await start(engine, warmUpRuns)
  await asleep(engine)
  const before = memory()
  const startedMs = await timed(() => start(engine, count))
  await asleep(engine)
  const after = memory()
  const times = await pollsOf(storage)
  await engine.close()
  skewMs = 2 * day
  if (options['store'] === 'postgres') await advancePostgres(place)
  const wokenMs = await timed(() => wakeAll(storage, warmUpRuns + count))
  return {
    runs: count,
    bytesPerRun: (after.heap - before.heap) / count,
    residentBytesPerRun: (after.resident - before.resident) / count,
    startedPerSecond: (count * 1000) / startedMs,
    pollP50Ms: percentile(times, 0.5),
    pollP99Ms: percentile(times, 0.99),
    wokenMs,
    wokenPerSecond: ((warmUpRuns + count) * 1000) / wokenMs,
  }
}

async function start(engine: Engine, runs: number): Promise<void> {
  await inTurns(async () => void (await engine.start(definition)), { atATime, runs, boxMs: patienceMs })
}

/** Resolves when no run is at work any more. */
async function asleep(engine: Engine): Promise<void> {
  while ((await engine.list({ status: ['running'] }, { limit: 1 })).runs.length > 0) await setTimeout(20)
}

async function pollsOf(storage: Storage): Promise<readonly number[]> {
  const times: number[] = []
  for (let poll = 0; poll < polls; poll++) {
    times.push(await timed(() => storage.acquire({ owner: 'poll', ttlMs: day, limit: 100 })))
  }
  return times
}

async function wakeAll(storage: Storage, count: number): Promise<void> {
  await using engine = createEngine({ storage })
  const { promise: woken, resolve } = Promise.withResolvers<undefined>()
  let ended = 0
  engine.on('run.completed', () => {
    if (++ended === count) resolve(undefined)
  })
  engine.work({ concurrency: atATime })
  await woken
}

// Tells the time of tomorrow and the day after.
async function advancePostgres({ postgresUrl }: TaskPlace): Promise<void> {
  const client = new Client({ connectionString: postgresUrl })
  await client.connect()
  await client.query(`
    CREATE OR REPLACE FUNCTION segno.now_ms() RETURNS float8 LANGUAGE sql VOLATILE AS
      $$ SELECT (extract(epoch FROM clock_timestamp()) * 1000 + ${2 * day})::float8 $$`)
  await client.end()
}

function memory(): { readonly heap: number; readonly resident: number } {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  collect()
  const { heapUsed, external, rss } = process.memoryUsage()
  return { heap: heapUsed + external, resident: rss }
}
