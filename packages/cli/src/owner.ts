import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { isTerminal, type LeaseHolder, type RunRow, type Storage } from '@segno/core'

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

/** Whether another process drives a run now. */
export function isOthers(row: RunRow): boolean {
  const driver = driverOf(row)
  return driver !== undefined && ownerText(driver) !== `process ${process.pid} on ${hostname()}`
}

/** Whether a run has work to do now, and nobody does it. */
export async function isDue(storage: Storage, row: RunRow): Promise<boolean> {
  const { runId, status, holder, wakeAt } = row
  if (isTerminal(status) || driverOf(row) !== undefined) return false
  // A run that is at work is in somebody's hands, unless whoever had it let go of it.
  if (holder !== undefined || status === 'running' || status === 'queued') return true
  if (wakeAt !== null && wakeAt <= Date.now()) return true
  // The list does not tell of messages that nobody has taken in.
  return (await storage.inbox(runId, 0)).length > 0
}
