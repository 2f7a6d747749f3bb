import { openSync, readFileSync, statSync, writeSync } from 'node:fs'

// Of one length, so that the size of the file tells how many there are.
const digits = 7

/** What writes down each step that is executed, before it returns: whatever kills the process, it is there. */
export function openLedger(file: string): (index: number) => void {
  const ledger = openSync(file, 'a')
  return (index) => void writeSync(ledger, `${String(index).padStart(digits)}\n`)
}

/** How many steps were executed so far. */
export function ledgerLength(file: string): number {
  return (statSync(file, { throwIfNoEntry: false })?.size ?? 0) / (digits + 1)
}

/** The steps that were executed, in their order. */
export function readLedger(file: string): readonly number[] {
  return readFileSync(file, 'utf8').split('\n').slice(0, -1).map(Number)
}
