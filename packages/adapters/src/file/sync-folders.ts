import type { FileStore, RunEntry } from './store.ts'

/** Makes the names in a folder of a run durable, and the first time that of the folder itself. */
export async function syncIn(store: FileStore, entry: RunEntry, folder: 'inbox' | 'blobs' | 'journal'): Promise<void> {
  const { disk } = store
  await disk.syncFolder(`${entry.folder}/${folder}`)
  if (entry.synced.includes(folder)) return
  await disk.syncFolder(entry.folder)
  entry.synced.push(folder)
}
