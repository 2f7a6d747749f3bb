import { constants, lstat, open, realpath } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { CommandFailure, systemCode } from './command-failure.ts'
import { contains } from './workspace-folder.ts'
import type { Place } from './workspace-folder.ts'

/** Bytes of a file; one more than `bytesMax` where there are more. */
export async function readPlainFile(path: string, place: Place, bytesMax: number): Promise<Uint8Array> {
  const handle = await openPlain(path, place)
  try {
    const chunks: Uint8Array[] = []
    let bytes = 0
    for await (const chunk of handle.createReadStream({ end: bytesMax, autoClose: false }) as AsyncIterable<Buffer>) {
      chunks.push(chunk)
      bytes += chunk.length
    }
    return Buffer.concat(chunks, bytes)
  } finally {
    await handle.close()
  }
}

/** Fails with `PATH_UNSAFE` unless there is a plain file of the workspace at this path. */
export async function checkPlainFile(path: string, place: Place): Promise<void> {
  await (await openPlain(path, place)).close()
}

/** Refuses what is not below the folder whatever the file system holds. */
export function checkRelative(path: string): void {
  const isOutside = /^([/\\]|[A-Za-z]:)/.test(path) || path.split(/[/\\]/).includes('..')
  if (path === '' || isOutside || path.includes('\0')) {
    throw new CommandFailure('PATH_UNSAFE', `"${path}" is not a relative path without ".."`)
  }
}

// A process could leave a link to the host's keys, a pipe that never gives an end, or a second name for a file that it
// may not read itself.
async function openPlain(path: string, { workspace, folder }: Place): Promise<FileHandle> {
  checkRelative(path)
  const wanted = resolve(folder, path)
  const parent = await orMissing(path, realpath(dirname(wanted)))
  if (!contains(workspace, parent)) throw new CommandFailure('PATH_UNSAFE', `"${path}" leads out of the workspace`)
  const real = join(parent, basename(wanted))
  const before = await orMissing(path, lstat(real))
  if (!before.isFile()) throw unsafe(path, 'is not a plain file')
  const handle = await orMissing(path, open(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK))
  try {
    const opened = await handle.stat()
    // It may have been exchanged since we looked.
    if (!opened.isFile() || opened.ino !== before.ino || opened.dev !== before.dev) throw unsafe(path, 'has changed')
    if (opened.nlink > 1) throw unsafe(path, 'has a second name (hard link)')
    if ((await realpath(dirname(wanted))) !== parent) throw unsafe(path, 'has moved')
    return handle
  } catch (error) {
    await handle.close()
    throw error
  }
}

async function orMissing<T>(path: string, found: Promise<T>): Promise<T> {
  try {
    return await found
  } catch (error) {
    const code = systemCode(error)
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw new CommandFailure('OUTPUT_INVALID', `the process left no file "${path}"`, { cause: error })
    }
    throw unsafe(path, `cannot be read (${code})`, error)
  }
}

function unsafe(path: string, why: string, cause?: unknown): CommandFailure {
  return new CommandFailure('PATH_UNSAFE', `"${path}" ${why}`, { cause })
}
