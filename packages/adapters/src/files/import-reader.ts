import { readFileSync, realpathSync } from 'node:fs'
import { isAbsolute, relative, resolve, sep } from 'node:path'
import type { ReadImport } from '@segno/schema'

/**
 * Reads from the disk what workflow files import, as the `read` of `loadWorkflow`
 * takes it. Paths begin at `cwd`. What lies outside of all of the folders, or is
 * a link that leads there, is refused: who runs somebody's workflow shows it no
 * file of another project.
 */
export function importReader(cwd: string, folders: readonly string[]): ReadImport {
  return (path) => {
    const found = readable(() => realpathSync(resolve(cwd, path)))
    if (found === undefined || typeof found !== 'string') return found
    if (folders.every((folder) => !isInside(found, folder))) {
      return { reason: `it lies outside of ${[...new Set(folders)].join(' and ')}` }
    }
    return readable(() => readFileSync(found, 'utf8'))
  }
}

function isInside(path: string, folder: string): boolean {
  const root = readable(() => realpathSync(folder))
  if (typeof root !== 'string') return false
  const inside = relative(root, path)
  return inside !== '..' && !inside.startsWith(`..${sep}`) && !isAbsolute(inside)
}

const missing: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR'])

/** What is read; nothing where nothing is there, and otherwise why not. */
function readable(read: () => string): ReturnType<ReadImport> {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error
    const code = String(error.code)
    if (missing.has(code)) return undefined
    return { reason: code === 'EISDIR' ? 'it is a folder' : error.message }
  }
}
