import { readdirSync, type Dirent } from 'node:fs'
import { join } from 'node:path'

/**
 * The workflow files below a folder, in the order of their paths: `filesMax` of
 * them at most, 10,000 unless given. Folders that hold no sources are not entered.
 */
export function findWorkflows(folder: string, { filesMax = 10_000 }: { readonly filesMax?: number } = {}): string[] {
  const found: string[] = []
  const folders = [folder]
  for (let next = folders.pop(); next !== undefined && found.length < filesMax; next = folders.pop()) {
    for (const entry of entriesOf(next)) {
      if (entry.isFile() && isWorkflow(entry.name)) found.push(join(next, entry.name))
      else if (entry.isDirectory() && !isSkipped(entry.name)) folders.push(join(next, entry.name))
    }
  }
  return found.toSorted()
}

/** Whether a file is a workflow: its name tells it. */
export function isWorkflow(path: string): boolean {
  return /\.segno\.ya?ml$/.test(path)
}

function isSkipped(name: string): boolean {
  return name.startsWith('.') || name === 'node_modules' || name === 'dist'
}

// A folder that may not be read hides its files, as it does from `find`.
function entriesOf(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch (error) {
    if (error instanceof Error && 'code' in error) return []
    throw error
  }
}
