import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Disk } from './disk.ts'

/** The files of a folder by their paths, as they are now. */
export function filesIn(folder: string): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>()
  for (const found of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!found.isFile()) continue
    const path = join(found.parentPath, found.name)
    files.set(path, readFileSync(path))
  }
  return files
}

/** A disk for tests that holds these files and takes nothing more: whatever would change it rejects with `EROFS`. */
export function frozenDisk(files: ReadonlyMap<string, Uint8Array>): Disk {
  const refuse = async (): Promise<never> => {
    throw Object.assign(new Error('EROFS: read-only file system'), { code: 'EROFS' })
  }
  return {
    read: async (path, from = 0, length = Number.POSITIVE_INFINITY) => files.get(path)?.subarray(from, from + length),
    async list(folder) {
      const under = [...files.keys()].filter((path) => path.startsWith(`${folder}/`))
      const names = new Set(under.map((path) => path.slice(folder.length + 1).split('/')[0] ?? ''))
      return names.size === 0 ? undefined : [...names]
    },
    async look(path) {
      const bytes = files.get(path)
      return bytes && { size: bytes.length, identity: path }
    },
    has: async (path) => files.has(path),
    ...{ makeFolder: refuse, makeNewFolder: refuse, create: refuse, open: refuse, rename: refuse, link: refuse },
    ...{ remove: refuse, removeFolder: refuse, syncFolder: refuse },
  }
}
