import { writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { best, percentile, timed } from './measure.ts'
import { bareChain, bareFan, benchEngine, chain, fan, loop } from './workload.ts'
import type { Definition } from '@segno/schema'

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
async function sequential(atATime: number, latencies: number[]): Promise<number> {
  await using engine = benchEngine()
  const definition = chain(stepsPerRun)
  await (await engine.start(definition)).result()
  const one = async (): Promise<void> => {
    latencies.push(await timed(async () => void (await (await engine.start(definition)).result())))
  }
  const total = await timed(async () => {
    let left = runs
    const worker = async (): Promise<void> => {
      while (left-- > 0) await one()
    }
    await Promise.all(Array.from({ length: atATime }, worker))
  })
  return (runs * stepsPerRun * 1000) / total
}

async function bareSequential(): Promise<number> {
  const total = await timed(async () => {
    for (let run = 0; run < runs; run++) await bareChain(stepsPerRun)
  })
  return (runs * stepsPerRun * 1000) / total
}

/** One run of a definition that the engine has checked and compiled before. */
async function whole(definition: Definition): Promise<number> {
  await using engine = benchEngine()
  const one = async (): Promise<void> => {
    const result = await (await engine.start(definition)).result()
    if (result.status !== 'completed') throw new Error(`the run ended ${result.status}: ${JSON.stringify(result)}`)
  }
  await one()
  return await timed(one)
}

/** W3: time of the last 1,000 steps divided by that of the first 1,000. */
async function growth(): Promise<number> {
  await using engine = benchEngine()
  const marks: number[] = []
  let steps = 0
  engine.on('step.completed', () => {
    if (steps++ % 1000 === 0) marks.push(performance.now())
  })
  await (await engine.start(loop(loopSteps))).result()
  const first = (marks[2] ?? 0) - (marks[1] ?? 0)
  const last = (marks.at(-1) ?? 0) - (marks.at(-2) ?? 0)
  return last / first
}

const more = Math.max
const less = Math.min

for (const [name, atATime] of [
  ['W1s sequential', 1],
  ['W1c 100 at a time', 100],
] as const) {
  const latencies: number[] = []
  report(name, 'segno memory', await best(rounds, () => sequential(atATime, latencies), more), 'steps/s')
  report(`${name} p50`, 'segno memory', percentile(latencies, 0.5), 'ms a run')
  report(`${name} p99`, 'segno memory', percentile(latencies, 0.99), 'ms a run')
}
report('W1s sequential', 'bare async', await best(rounds, bareSequential, more), 'steps/s')
report('W2 1,000 parallel', 'segno memory', await best(rounds, () => whole(fan(1000)), less), 'ms')
report('W2 1,000 parallel', 'bare async', await best(rounds, () => timed(() => bareFan(1000)), less), 'ms')
report('W3 10,000 steps', 'segno memory', await best(rounds, () => whole(loop(loopSteps)), less), 'ms')
report('W3 10,000 steps', 'bare async', await best(rounds, () => timed(() => bareChain(loopSteps)), less), 'ms')
report('W3 last / first', 'segno memory', await best(rounds, growth, less), 'ratio')

const machine = { node: process.version, cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length }
await writeFile(new URL('results.json', import.meta.url), `${JSON.stringify({ machine, rows }, undefined, 2)}\n`)
