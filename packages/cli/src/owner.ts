import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { isTerminal, type LeaseHolder, type RunRow } from '@segno/core'

/** The name that the engine of this process holds leases by. Another process never has it, whatever its pid is. */
export function ownerName(): string {
  return `segno ${process.pid} ${hostname()} ${randomBytes(4).toString('hex')}`
}

/** Who holds a lease, in words. */
export function ownerText({ owner }: LeaseHolder): string {
  const [, pid, host] = /^segno (\d+) (\S+) [0-9a-f]{8}$/.exec(owner) ?? []
  return pid === undefined ? `"${owner}"` : `process ${pid} on ${host}`
}

/** Who drives a run now; `undefined` while nobody does, or whoever did is gone. */
export function driverOf({ holder }: RunRow): LeaseHolder | undefined {
  return holder?.isLost === false ? holder : undefined
}

/** Whether a run has work to do now, and nobody does it. */
export function isDue(row: RunRow): boolean {
  if (isTerminal(row.status) || driverOf(row) !== undefined) return false
  return row.holder !== undefined || (row.wakeAt !== null && row.wakeAt <= Date.now())
}
