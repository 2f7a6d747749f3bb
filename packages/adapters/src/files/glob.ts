import type { Dirent } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * The paths below `folder` that fit a pattern, with `/`, sorted by their code
 * units: `*` and `?` stand for characters of one name, `**` for any number of
 * folders. A name that begins with a dot fits a pattern that has the dot, and
 * links to folders are not followed.
 */
export async function glob(folder: string, pattern: string): Promise<readonly string[]> {
  const segments = pattern.split('/').filter((segment) => segment !== '' && segment !== '.')
  const search = { folder, found: new Set<string>(), seen: new Set<string>() }
  await walk(search, '', segments)
  return [...search.found].sort()
}

interface Search {
  readonly folder: string
  readonly found: Set<string>
  /** Folders and how much of the pattern was left in them: several `**` lead to the same ones again and again. */
  readonly seen: Set<string>
}

async function walk(search: Search, at: string, segments: readonly string[]): Promise<void> {
  const [segment, ...rest] = segments
  const state = `${segments.length} ${at}`
  if (segment === undefined || search.seen.has(state)) return
  search.seen.add(state)
  const isDeep = segment === '**'
  if (isDeep && rest.length > 0) await walk(search, at, rest)
  for (const entry of await entriesOf(join(search.folder, at))) {
    if (!fits(entry.name, isDeep ? '*' : segment)) continue
    const path = at === '' ? entry.name : `${at}/${entry.name}`
    if (entry.isDirectory()) await walk(search, path, isDeep ? segments : rest)
    else if (rest.length === 0) search.found.add(path)
  }
}

// Goes back to the last star only, so that no name and pattern take long.
function fits(name: string, pattern: string): boolean {
  if (name.startsWith('.') && !pattern.startsWith('.')) return false
  const [characters, wanted] = [Array.from(name), Array.from(pattern)]
  let [at, star, retry] = [0, -1, 0]
  for (let next = 0; next < characters.length;) {
    if (wanted[at] === '*') {
      star = at++
      retry = next
    } else if (at < wanted.length && (wanted[at] === '?' || wanted[at] === characters[next])) {
      at++
      next++
    } else if (star >= 0) {
      at = star + 1
      next = ++retry
    } else return false
  }
  return wanted.slice(at).every((character) => character === '*')
}

async function entriesOf(folder: string): Promise<readonly Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true })
  } catch (error) {
    // It went away, or became something else, since it was listed.
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ENOENT' || code === 'ENOTDIR') return []
    throw error
  }
}
