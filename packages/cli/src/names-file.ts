import { existsSync } from 'node:fs'
import { resolve } from 'node:path'

/**
 * Whether what is given names a file with one of these endings, or a run. Whoever
 * writes the path of a file that is not there is told of files, not of runs.
 */
export function namesFile(given: string, endings: readonly string[]): boolean {
  const name = given.toLowerCase()
  return endings.some((ending) => name.endsWith(ending)) || existsSync(resolve(given))
}

/** How the names of workflow files end. */
export const workflowEndings: readonly string[] = ['.yaml', '.yml', '.json']
