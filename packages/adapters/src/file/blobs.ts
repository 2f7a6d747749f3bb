import type { Blob } from '@segno/core'
import { unsupported } from './faults.ts'
import { fileNameOf } from './file-name.ts'
import type { FileStore, RunEntry } from './store.ts'
import { syncIn } from './sync-folders.ts'

/** Makes blobs durable, before the event that names them is written. */
export async function writeBlobs(store: FileStore, entry: RunEntry, blobs: readonly Blob[]): Promise<void> {
  if (blobs.length === 0) return
  await store.disk.makeNewFolder(`${entry.folder}/blobs`)
  await writeBlobFiles(store, entry.folder, blobs)
  await syncIn(store, entry, 'blobs')
}

/** Writes blobs into the folder of a run. Their names are not durable yet. */
export async function writeBlobFiles(
  { disk, freshName }: FileStore,
  folder: string,
  blobs: readonly Blob[],
): Promise<void> {
  for (const { sha256, text } of blobs) {
    const path = blobPath(folder, sha256)
    if (path === undefined || !text.isWellFormed()) throw unsupported('a blob whose text or name is no Unicode')
    const unfinished = `${path}.${freshName()}`
    const file = await disk.create(unfinished)
    try {
      await file?.write(Buffer.from(text))
      await file?.sync()
    } finally {
      await file?.close()
    }
    await disk.rename(unfinished, path)
  }
}

/** The text of a blob. */
export async function readBlob({ disk }: FileStore, folder: string, sha256: string): Promise<string | undefined> {
  const path = blobPath(folder, sha256)
  const bytes = path === undefined ? undefined : await disk.read(path)
  return bytes && Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
}

function blobPath(folder: string, sha256: string): string | undefined {
  const name = fileNameOf(sha256)
  return name && `${folder}/blobs/${name}`
}
