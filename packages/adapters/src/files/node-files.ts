import { lstat, realpath } from 'node:fs/promises'
import { resolve, sep } from 'node:path'
import type { FileKind, Files } from '@segno/core'

/**
 * The files below `root`. A path is followed through its symbolic links, and
 * what it leads to counts only where it lies in `root` itself: a link that leads
 * out of it leads to nothing here, so that no answer tells of what is outside.
 *
 * @example
 * ```ts
 * const engine = createEngine({ files: nodeFiles({ root: process.cwd() }) })
 * ```
 */
export function nodeFiles({ root }: { readonly root: string }): Files {
  const folder = resolve(root)
  return {
    async kind(path) {
      const [inside, real] = await Promise.all([realPath(folder), realPath(resolve(folder, path))])
      if (inside === undefined || real === undefined || !contains(inside, real)) return 'missing'
      return await kindOf(real)
    },
  }
}

async function realPath(path: string): Promise<string | undefined> {
  return await realpath(path).catch(ifNothing)
}

// Nothing may be left of it by now; and a link that stands there since then is followed no more.
async function kindOf(real: string): Promise<FileKind> {
  const stats = await lstat(real).catch(ifNothing)
  if (stats === undefined) return 'missing'
  return stats.isFile() ? 'file' : stats.isDirectory() ? 'directory' : 'other'
}

function contains(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep)
}

const nothing: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG'])

// Other errors, such as EACCES, leave it open whether there is something.
function ifNothing(error: NodeJS.ErrnoException): undefined {
  if (!nothing.has(error.code ?? '')) throw error
}
