import { lstat, realpath } from 'node:fs/promises'
import { resolve, sep } from 'node:path'
import type { FileKind, Files } from '@segno/core'
import type { FailureCode } from '@segno/schema/plan'
import { glob } from './glob.ts'

/** The files of a folder: they can be asked for, and watched. */
export type NodeFiles = Required<Files>

/**
 * The files below `root`. A path is followed through its symbolic links, and
 * what it leads to counts only where it lies in `root` itself: a link that leads
 * out of it leads to nothing here, so that no answer tells of what is outside.
 * A pattern finds files, and links to files; it enters no folder through a link,
 * and none whose name begins with a dot unless it has the dot too.
 *
 * @example
 * ```ts
 * const engine = createEngine({ files: nodeFiles({ root: process.cwd() }) })
 * ```
 */
export function nodeFiles({ root }: { readonly root: string }): NodeFiles {
  const folder = resolve(root)
  const kind: Files['kind'] = async (path) => {
    const [inside, real] = await Promise.all([realPath(folder), realPath(resolve(folder, path))])
    if (inside === undefined || real === undefined || !contains(inside, real)) return 'missing'
    return await kindOf(real)
  }
  return {
    kind,
    async glob(pattern) {
      if (leadsOut(pattern)) throw new UnsafePattern(pattern)
      const found = await glob(folder, pattern)
      const kinds = await Promise.all(found.map(kind))
      return found.filter((_, index) => kinds[index] === 'file')
    },
  }
}

/** A pattern that no file could fit: a step that watches for it would wait for ever. */
class UnsafePattern extends Error {
  readonly code: FailureCode = 'PATH_UNSAFE'
  readonly retryable = false

  constructor(pattern: string) {
    super(`${JSON.stringify(pattern)} is not a relative path without ".."`)
    this.name = 'UnsafePattern'
  }
}

function leadsOut(pattern: string): boolean {
  return /^([/\\]|[A-Za-z]:)/.test(pattern) || pattern.split(/[/\\]/).includes('..') || pattern.includes('\0')
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
