import { writeSync } from 'node:fs'
import type { Storage } from '@segno/core'
import { fileStorage } from '../../src/file/index.ts'
import { timesOf } from './crash-check.ts'
import { workloads } from './workloads.ts'

// Plays a workload in a real folder, and says of each move that it is acknowledged before it makes the next one.
const [dir = '', name] = process.argv.slice(2)
const { moves } = workloads.find((workload) => workload.name === name) ?? { moves: [] }
const times = timesOf(moves)
const processes = new Map<number, Storage>()
let now = 0
for (const [index, { make, by = 0 }] of moves.entries()) {
  now = times[index] ?? now
  const storage = processes.get(by) ?? fileStorage({ dir, now: () => now })
  processes.set(by, storage)
  await make(storage)
  writeSync(1, `${index}\n`)
}
