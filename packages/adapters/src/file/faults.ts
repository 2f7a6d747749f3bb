import { StorageFault } from '@segno/core'
import type { Disk } from './disk.ts'

/** What went wrong with the disk, as a fault of the port; a fault that is one already stays as it is. */
export function unavailable(error: unknown, ambiguous: boolean): StorageFault {
  if (error instanceof StorageFault) return error
  const message = error instanceof Error ? error.message : String(error)
  return new StorageFault('STORAGE_UNAVAILABLE', `The store cannot be used: ${message}.`, { ambiguous, cause: error })
}

/** Awaits work on the disk, whose errors become faults that say whether something may have been written. */
export async function onDisk<Value>(ambiguous: boolean, work: Promise<Value>): Promise<Value> {
  try {
    return await work
  } catch (error) {
    throw unavailable(error, ambiguous)
  }
}

/** Awaits work that may fail, because nothing is built on it: clearing away, and what can be made again. */
export async function ifPossible(work: Promise<unknown>): Promise<void> {
  await Promise.allSettled([work])
}

/** A fault for a value that files cannot keep. */
export function unsupported(what: string): StorageFault {
  return new StorageFault('VALUE_UNSUPPORTED', `Files cannot keep ${what}.`, { ambiguous: false })
}

/** Where something is wrong. */
export interface Place {
  readonly path: string
  readonly offset: number
}

/** The fault for a file that holds what was never written to it. */
export async function damaged(disk: Disk, { path, offset }: Place, mistake: string): Promise<StorageFault> {
  const before = (await disk.read(path, 0, offset)) ?? new Uint8Array()
  const line = before.reduce((lines, byte) => (byte === 0x0a ? lines + 1 : lines), 1)
  const message = `${path}:${line} (byte ${offset}): ${mistake}. Nothing was changed.`
  return new StorageFault('JOURNAL_DAMAGED', message, { ambiguous: false })
}

/** The fault for a file of a version of Segno that is yet to come. */
export function tooNew(path: string, format: unknown): StorageFault {
  const message = `${path}: format ${JSON.stringify(format)}, expected 1: a newer version of Segno wrote it.`
  return new StorageFault('JOURNAL_FORMAT', message, { ambiguous: false })
}

/** Whether a file holds what cannot be read, now or later. */
export function isDamage(error: unknown): error is StorageFault {
  return error instanceof StorageFault && error.code.startsWith('JOURNAL_')
}
