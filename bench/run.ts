import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileStorage } from '@segno/adapters/file'
import { memoryStorage } from '@segno/core'
import type { Storage } from '@segno/core'
import { best, percentile, timed } from './measure.ts'
import { rawFan, rawRun } from './raw-file.ts'
import { killAndResume } from './resume.ts'
import type { Resumed } from './resume.ts'
import { bareChain, bareFan, benchEngine, chain, fan, loop } from './workload.ts'
import type { Definition } from '@segno/schema'

/** A storage under measurement, new for each round. */
interface Subject {
  readonly name: string
  /** The same work without an engine. */
  readonly beside: {
    readonly name: string
    sequential(atATime: number): Promise<number>
    fan(): Promise<number>
    loop(): Promise<number>
  }
  open(): Promise<{ readonly storage: Storage; close(): Promise<void> }>
}

const subjects: readonly Subject[] = [
  {
    name: 'segno memory',
    beside: {
      name: 'bare async',
      sequential: bareSequential,
      fan: () => timed(() => bareFan(1000)),
      loop: () => timed(() => bareChain(loopSteps)),
    },
    open: async () => ({ storage: memoryStorage(), close: async () => undefined }),
  },
  {
    // Every acknowledged event survives a power cut: write, fdatasync, acknowledge.
    name: 'segno file',
    beside: {
      name: 'raw file',
      sequential: rawSequential,
      fan: () => inNewFolder((folder) => timed(() => rawFan(join(folder, 'run'), 1000))),
      loop: rawLoop,
    },
    async open() {
      const dir = await mkdtemp(join(tmpdir(), 'segno-bench-'))
      const storage = fileStorage({ dir })
      const close = async (): Promise<void> => {
        await storage.close()
        await rm(dir, { recursive: true })
      }
      return { storage, close }
    },
  },
]
const concurrencies = [
  ['W1s sequential', 1],
  ['W1c 100 at a time', 100],
] as const

async function inNewFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'segno-bench-'))
  try {
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true })
  }
}

const stepsPerRun = 10
const runs = 1000
const rounds = 5
const loopSteps = 10_000

interface Row {
  readonly workload: string
  readonly engine: string
  readonly value: number
  readonly unit: string
}

const rows: Row[] = []

function report(workload: string, engine: string, value: number, unit: string): void {
  rows.push({ workload, engine, value, unit })
  console.log(
    `${workload.padEnd(24)} ${engine.padEnd(25)} ${value.toLocaleString('en', { maximumFractionDigits: 2 }).padStart(14)} ${unit}`,
  )
}

/** W1: 1,000 runs of 10 steps, so many at a time. Gives steps per second, and the latency of each run. */
async function sequential(subject: Subject, atATime: number, latencies: number[]): Promise<number> {
  const store = await subject.open()
  const engine = benchEngine(store.storage)
  const definition = chain(stepsPerRun)
  await (await engine.start(definition)).result()
  const one = async (): Promise<void> => {
    latencies.push(await timed(async () => void (await (await engine.start(definition)).result())))
  }
  const total = await atOnce(atATime, one)
  await engine.close()
  await store.close()
  return (runs * stepsPerRun * 1000) / total
}

/** Milliseconds for all runs, so many at a time. */
async function atOnce(atATime: number, one: () => Promise<void>): Promise<number> {
  let left = runs
  const worker = async (): Promise<void> => {
    while (left-- > 0) await one()
  }
  return await timed(async () => void (await Promise.all(Array.from({ length: atATime }, worker))))
}

/** The same work as lines in files, without an engine. */
async function rawSequential(atATime: number): Promise<number> {
  let run = 0
  const total = await inNewFolder((folder) => atOnce(atATime, () => rawRun(join(folder, String(run++)), stepsPerRun)))
  return (runs * stepsPerRun * 1000) / total
}

async function rawLoop(): Promise<number> {
  return await inNewFolder((folder) => timed(() => rawRun(join(folder, 'run'), loopSteps)))
}

async function bareSequential(): Promise<number> {
  const total = await timed(async () => {
    for (let run = 0; run < runs; run++) await bareChain(stepsPerRun)
  })
  return (runs * stepsPerRun * 1000) / total
}

/** One run of a definition that the engine has checked and compiled before. */
async function whole(subject: Subject, definition: Definition): Promise<number> {
  const store = await subject.open()
  const engine = benchEngine(store.storage)
  const one = async (): Promise<void> => {
    const result = await (await engine.start(definition)).result()
    if (result.status !== 'completed') throw new Error(`the run ended ${result.status}: ${JSON.stringify(result)}`)
  }
  await one()
  const total = await timed(one)
  await engine.close()
  await store.close()
  return total
}

/** W3: time of the last 1,000 steps divided by that of the first 1,000. */
async function growth(subject: Subject): Promise<number> {
  const store = await subject.open()
  const engine = benchEngine(store.storage)
  const marks: number[] = []
  let steps = 0
  engine.on('step.completed', () => {
    if (steps++ % 1000 === 0) marks.push(performance.now())
  })
  await (await engine.start(loop(loopSteps))).result()
  const first = (marks[2] ?? 0) - (marks[1] ?? 0)
  const last = (marks.at(-1) ?? 0) - (marks.at(-2) ?? 0)
  await engine.close()
  await store.close()
  return last / first
}

for (const subject of subjects) {
  const { name, beside } = subject
  for (const [workload, atATime] of concurrencies) {
    const latencies: number[] = []
    const pairs = await inTurns(
      () => sequential(subject, atATime, latencies),
      () => beside.sequential(atATime),
    )
    reportPairs(workload, subject, { pairs, better: Math.max, unit: 'steps/s' })
    report(`${workload} p50`, name, percentile(latencies, 0.5), 'ms a run')
    report(`${workload} p99`, name, percentile(latencies, 0.99), 'ms a run')
  }
  const fans = await inTurns(() => whole(subject, fan(1000)), beside.fan)
  reportPairs('W2 1,000 parallel', subject, { pairs: fans, better: Math.min, unit: 'ms' })
  const loops = await inTurns(() => whole(subject, loop(loopSteps)), beside.loop)
  reportPairs('W3 10,000 steps', subject, { pairs: loops, better: Math.min, unit: 'ms' })
  report('W3 last / first', name, await best(rounds, () => growth(subject), Math.min), 'ratio')
}
const resumed: Resumed[] = []
for (let round = 0; round < rounds; round++) {
  resumed.push(await inNewFolder((folder) => killAndResume(folder, 1000)))
}
report('W4 first new step', 'segno file', Math.min(...resumed.map(({ firstStepMs }) => firstStepMs)), 'ms')
report('W4 done', 'segno file', Math.min(...resumed.map(({ doneMs }) => doneMs)), 'ms')
report('W4 repeated steps', 'segno file', Math.max(...resumed.map(({ repeated }) => repeated)), 'steps')

type Pair = readonly [segno: number, baseline: number]

/** One after the other, several times: what disturbs the machine for a while disturbs both. */
async function inTurns(segno: () => Promise<number>, baseline: () => Promise<number>): Promise<Pair[]> {
  const pairs: Pair[] = []
  for (let round = 0; round < rounds; round++) pairs.push([await segno(), await baseline()])
  return pairs
}

interface Measured {
  readonly pairs: readonly Pair[]
  readonly better: (...values: number[]) => number
  readonly unit: string
}

function reportPairs(workload: string, { name, beside }: Subject, { pairs, better, unit }: Measured): void {
  report(workload, name, better(...pairs.map(([segno]) => segno)), unit)
  report(workload, beside.name, better(...pairs.map(([, baseline]) => baseline)), unit)
  const ratios = pairs.map(([segno, baseline]) => segno / baseline)
  report(`${workload} ratio`, `${name} / ${beside.name}`, percentile(ratios, 0.5), 'median')
}

const machine = { node: process.version, cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length }
await writeFile(new URL('results.json', import.meta.url), `${JSON.stringify({ machine, rows }, undefined, 2)}\n`)
