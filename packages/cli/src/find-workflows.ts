import { readdirSync, type Dirent } from 'node:fs'
import { join } from 'node:path'

/** The workflow files below a folder, in the order of their paths. Folders that hold no sources are not entered. */
export function findWorkflows(folder: string): string[] {
  const found: string[] = []
  const folders = [folder]
  for (let next = folders.pop(); next !== undefined && found.length < filesMax; next = folders.pop()) {
    for (const entry of entriesOf(next)) {
      if (entry.isFile() && workflowName.test(entry.name)) found.push(join(next, entry.name))
      else if (entry.isDirectory() && !isSkipped(entry.name)) folders.push(join(next, entry.name))
    }
  }
  return found.toSorted()
}

const workflowName = /\.segno\.ya?ml$/
const filesMax = 10_000

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
