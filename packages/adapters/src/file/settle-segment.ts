import { segmentPath } from './layout.ts'
import type { FileStore } from './store.ts'

/**
 * Makes what stands in a segment durable in its place. A log vouches for it as long as the run has its name only: a
 * run that is renamed away may come back with the power.
 */
export async function settleSegment({ disk }: FileStore, folder: string, segment: number): Promise<void> {
  const file = await disk.open(segmentPath(folder, segment))
  try {
    await file?.sync()
  } finally {
    await file?.close()
  }
}
