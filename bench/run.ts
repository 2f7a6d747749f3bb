import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileStorage } from '@segno/adapters/file'
import { memoryStorage } from '@segno/core'
import type { Storage } from '@segno/core'
import { best, percentile, timed } from './measure.ts'
import { rawRun } from './raw-file.ts'
import { killAndResume } from './resume.ts'
import { bareChain, bareFan, benchEngine, chain, fan, loop } from './workload.ts'
import type { Definition } from '@segno/schema'

/** A storage under measurement, new for each round. */
interface Subject {
  readonly name: string
  open(): Promise<{ readonly storage: Storage; close(): Promise<void> }>
}

const subjects: readonly Subject[] = [
  { name: 'segno memory', open: async () => ({ storage: memoryStorage(), close: async () => undefined }) },
  {
    // Every acknowledged event survives a power cut: write, fdatasync, acknowledge.
    name: 'segno file',
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
    `${workload.padEnd(22)} ${engine.padEnd(16)} ${value.toLocaleString('en', { maximumFractionDigits: 2 }).padStart(14)} ${unit}`,
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

const more = Math.max
const less = Math.min

for (const subject of subjects) {
  for (const [name, atATime] of concurrencies) {
    const latencies: number[] = []
    report(name, subject.name, await best(rounds, () => sequential(subject, atATime, latencies), more), 'steps/s')
    report(`${name} p50`, subject.name, percentile(latencies, 0.5), 'ms a run')
    report(`${name} p99`, subject.name, percentile(latencies, 0.99), 'ms a run')
  }
  report('W2 1,000 parallel', subject.name, await best(rounds, () => whole(subject, fan(1000)), less), 'ms')
  report('W3 10,000 steps', subject.name, await best(rounds, () => whole(subject, loop(loopSteps)), less), 'ms')
  report('W3 last / first', subject.name, await best(rounds, () => growth(subject), less), 'ratio')
}
report('W1s sequential', 'bare async', await best(rounds, bareSequential, more), 'steps/s')
report('W2 1,000 parallel', 'bare async', await best(rounds, () => timed(() => bareFan(1000)), less), 'ms')
report('W3 10,000 steps', 'bare async', await best(rounds, () => timed(() => bareChain(loopSteps)), less), 'ms')
for (const [name, atATime] of concurrencies) {
  report(name, 'raw file', await best(rounds, () => rawSequential(atATime), more), 'steps/s')
}
report('W3 10,000 steps', 'raw file', await best(rounds, rawLoop, less), 'ms')
const resumed = await inNewFolder((folder) => killAndResume(folder, 1000))
report('W4 first new step', 'segno file', resumed.firstStepMs, 'ms')
report('W4 done', 'segno file', resumed.doneMs, 'ms')
report('W4 repeated steps', 'segno file', resumed.repeated, 'steps')

const machine = { node: process.version, cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length }
await writeFile(new URL('results.json', import.meta.url), `${JSON.stringify({ machine, rows }, undefined, 2)}\n`)
