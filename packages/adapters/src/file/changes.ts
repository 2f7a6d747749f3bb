import type { Disk } from './disk.ts'
import { ifPossible } from './faults.ts'
import { sharedSync } from './shared-sync.ts'

/**
 * Whether other storages have changed when runs of a store are due. Whoever makes a run,
 * gives it back or sends it a message adds a byte to a file that all of them look at, and knows
 * how many are its own. It is not truth and never synced: who does not come so far as to tell is
 * found out when all runs are looked at again. Nobody tells that a run was taken, renewed or has
 * ended: who believes that it is due looks at it before taking it.
 */
export interface Changes {
  /** Tells the others, as far as the disk allows. */
  tell(): Promise<void>
  /** How many changes the others have told of; `undefined` while this storage is telling of one. */
  others(): Promise<number | undefined>
}

/** The changes of a store, told in a file. */
export function changesIn(disk: Disk, path: string): Changes {
  let told = 0
  let telling = 0
  // One byte is enough for all who have something to tell when it is written.
  const add = sharedSync(async () => {
    await addByte(disk, path)
    told += 1
  })
  return {
    async tell() {
      telling += 1
      await ifPossible(add())
      telling -= 1
    },
    async others() {
      const before = told
      const size = (await disk.look(path))?.size ?? 0
      return telling === 0 && told === before ? size - told : undefined
    },
  }
}

/** Makes a file longer by a byte, and the file where there is none. */
export async function addByte(disk: Disk, path: string): Promise<void> {
  // Another process may have made it in between.
  const file = (await disk.open(path)) ?? (await disk.create(path)) ?? (await disk.open(path))
  try {
    await file?.write(Buffer.from('.'))
  } finally {
    await file?.close()
  }
}
