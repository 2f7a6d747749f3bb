import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { DatabaseSync, StatementSync } from 'node:sqlite'
import { percentile } from '../samples.ts'
import type { Opened, Subject } from '../subject.ts'
import type { Measure } from '../task.ts'
import { inTurns, warmUp } from '../workloads/sequences.ts'

/** A turn of the event loop in which nobody did anything takes microseconds. */
const idleMs = 0.1
const timerMs = 10
const wholeMsMax = 5000

/** Whether the engine is a good guest: how long it keeps the event loop, how late a timer of its host is, and whether the loop waits for the disk. */
export const measure: Measure = async ({ place, sizes, options }) => {
  const syncs = countSyncs()
  const module = (await import(`../subjects/segno-${options['store']}.ts`)) as { readonly subject: Subject }
  const opened = await module.subject.open({ ...place, longSteps: sizes.longSteps })
  const work = options['workload'] === 'W2' ? fansOf(opened, sizes.fanSteps) : sequencesOf(opened)
  await warmUp(opened)
  await work(1)
  const before = syncs()
  const { slices, late } = await watched(() => work(Math.min(sizes.boxMs, wholeMsMax)))
  const syncsOnLoop = syncs() - before
  await opened.close()
  return {
    sliceP50Ms: percentile(slices, 0.5),
    sliceP99Ms: percentile(slices, 0.99),
    sliceMaxMs: Math.max(...slices),
    slices: slices.length,
    timerLateP99Ms: percentile(late, 0.99),
    timerLateMaxMs: Math.max(...late),
    syncsOnLoop,
  }
}

type Work = (boxMs: number) => Promise<void>

function sequencesOf(opened: Opened): Work {
  return (boxMs) =>
    inTurns(
      asked(() => opened.sequence()),
      { atATime: 100, runs: Number.MAX_SAFE_INTEGER, boxMs },
    )
}

function fansOf(opened: Opened, steps: number): Work {
  return (boxMs) =>
    inTurns(
      asked(async () => opened.fan?.(steps)),
      { atATime: 1, runs: Number.MAX_SAFE_INTEGER, boxMs },
    )
}

// A host is asked for a run by what comes from outside, in a turn of its own: how long it takes is the engine's doing alone.
function asked(run: () => Promise<void>): () => Promise<void> {
  return async () => {
    await new Promise((resolve) => setImmediate(resolve))
    await run()
  }
}

interface Watched {
  /** Milliseconds of each turn of the event loop that did something. */
  readonly slices: readonly number[]
  /** By how many milliseconds each timer of 10 ms came late. */
  readonly late: readonly number[]
}

async function watched(work: () => Promise<void>): Promise<Watched> {
  const [slices, late]: [number[], number[]] = [[], []]
  let isOver = false
  let last = performance.now()
  // Called once a turn, and never waited for: the time between two calls is what the turn took.
  const turn = (): void => {
    const now = performance.now()
    if (now - last > idleMs) slices.push(now - last)
    last = now
    if (!isOver) setImmediate(turn)
  }
  const arm = (): void => {
    const due = performance.now() + timerMs
    setTimeout(() => {
      late.push(performance.now() - due)
      if (!isOver) arm()
    }, timerMs)
  }
  setImmediate(turn)
  arm()
  // The work begins in a turn of its own.
  await new Promise((resolve) => setImmediate(resolve))
  await work()
  await new Promise((resolve) => setImmediate(resolve))
  isOver = true
  await new Promise((resolve) => setTimeout(resolve, 2 * timerMs))
  return { slices, late }
}

/** Counts the calls of this thread that wait for the disk. The thread of a storage has functions of its own. */
function countSyncs(): () => number {
  let syncs = 0
  const counted = <Given extends unknown[], Value>(call: (this: unknown, ...given: Given) => Value) =>
    function (this: unknown, ...given: Given): Value {
      syncs += 1
      return call.apply(this, given)
    }
  const { fsyncSync, fdatasyncSync } = fs
  Object.assign(fs, { fsyncSync: counted(fsyncSync), fdatasyncSync: counted(fdatasyncSync) })
  const { exec } = DatabaseSync.prototype
  Object.assign(DatabaseSync.prototype, { exec: counted(exec) })
  const { run } = StatementSync.prototype
  Object.assign(StatementSync.prototype, { run: counted(run) })
  syncBuiltinESMExports()
  return () => syncs
}
