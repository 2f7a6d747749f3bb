import type { Disk } from './disk.ts'
import { keptPath, notePath } from './layout.ts'
import { checked, checkedText } from './record.ts'

/**
 * What became of a lease without an event: renewed, given back, or its segment not
 * to be trusted from somewhere on. Lies beside the segment, is never synced, and is
 * worth nothing once the host was down: then the lease is over anyway.
 */
export interface LeaseNote {
  readonly expiresAt: number
  readonly givenBackAt?: number
  /** Up to where the segment is sure, after a write or a sync that failed. */
  readonly goodUntil?: number
}

/** Writes the note of a lease, in the place of the one before. */
export async function writeNote(
  disk: Disk,
  folder: string,
  { token, ...note }: LeaseNote & { token: number },
): Promise<void> {
  await replace(disk, notePath(folder, token), checked(JSON.stringify(note)))
}

/** Reads the note of a lease; `undefined` if there is none, or if a crash left nothing that can be read. */
export async function readNote(disk: Disk, folder: string, token: number): Promise<LeaseNote | undefined> {
  const bytes = await disk.read(notePath(folder, token))
  const text = bytes && checkedText(bytes.subarray(0, -1))
  return text === undefined ? undefined : (JSON.parse(text) as LeaseNote)
}

/** What a thread says of a lease that it renews beside its holder: as a note, and never in its place. */
export type KeptNote = Pick<LeaseNote, 'expiresAt'>

/** Says how long a lease lasts, from beside its holder. */
export async function writeKept(
  disk: Disk,
  folder: string,
  { token, expiresAt }: KeptNote & { token: number },
): Promise<void> {
  await replace(disk, keptPath(folder, token), checked(JSON.stringify({ expiresAt })))
}

/** Reads what was said from beside the holder of a lease; `undefined` if nothing was. */
export async function readKept(disk: Disk, folder: string, token: number): Promise<KeptNote | undefined> {
  const bytes = await disk.read(keptPath(folder, token))
  const text = bytes && checkedText(bytes.subarray(0, -1))
  return text === undefined ? undefined : (JSON.parse(text) as KeptNote)
}

/** Writes a file whole or not at all, as long as the host stands. Nothing of it is synced. */
export async function replace(disk: Disk, path: string, text: string): Promise<void> {
  const unfinished = `${path}.new`
  let file = await disk.create(unfinished)
  // Left behind by a crash, or being made by somebody else, who writes no better.
  if (file === undefined && (await disk.remove(unfinished))) file = await disk.create(unfinished)
  if (file === undefined) return
  try {
    await file.write(Buffer.from(text))
  } finally {
    await file.close()
  }
  await disk.rename(unfinished, path)
}
