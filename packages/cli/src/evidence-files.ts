import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** The two streams of a process. */
export type OutputStream = 'stdout' | 'stderr'

/** Where an attempt's process leaves what it prints. */
export function outputFile(folder: string, stream: OutputStream): string {
  return join(folder, `${stream}.log`)
}

/** Bytes of a file; 0 where there is none. */
export function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0
}

/** When a file was last written, in epoch ms; 0 where there is none. */
export function writtenAt(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0
}

const tailBytesMax = 16 * 1024

/** The last lines of a file, as far as they are in its last 16 KiB; none where there is no file. */
export function lastLines(file: string, count: number): string[] {
  const size = sizeOf(file)
  const from = Math.max(0, size - tailBytesMax)
  const lines = bytesOf(file, from, size - from)
    .toString('utf8')
    .split('\n')
  // The first line begins somewhere in its middle, and after the last line break there is none.
  if (from > 0) lines.shift()
  if (lines.at(-1) === '') lines.pop()
  return lines.slice(-count)
}

const stepBytes = 64 * 1024
const lineBreak = 10

/** Where the last lines of a file begin. A line break at its end ends the last one. */
export function lastLinesFrom(file: string, count: number): number {
  const size = sizeOf(file)
  if (count === 0) return size
  let left = count
  for (let end = size; end > 0; end -= stepBytes) {
    const start = Math.max(0, end - stepBytes)
    const bytes = bytesOf(file, start, end - start)
    for (let at = bytes.length - 1; at >= 0; at--) {
      const isEnd = start + at === size - 1
      if (bytes[at] === lineBreak && !isEnd && --left === 0) return start + at + 1
    }
  }
  return 0
}

/** Bytes of a file from a place on; fewer where it ends before, none where it is not there. */
export function bytesOf(file: string, from: number, length: number): Buffer {
  let descriptor: number
  try {
    descriptor = openSync(file, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0)
    throw error
  }
  try {
    const buffer = Buffer.alloc(Math.min(length, Math.max(0, fstatSync(descriptor).size - from)))
    return buffer.subarray(0, readSync(descriptor, buffer, 0, buffer.length, from))
  } finally {
    closeSync(descriptor)
  }
}
