import { readFileSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import { findWorkflows } from '@segno/adapters/files'
import { CommandError } from './command-error.ts'

/** The text of a workflow file and the name that messages tell it by. */
export interface WorkflowFile {
  readonly path: string
  /** Relative to the working folder where that is shorter. */
  readonly shown: string
  readonly text: string
  /** The texts of what it imports, by the names that messages tell them by. */
  readonly imported?: ReadonlyMap<string, string>
}

/** Reads a workflow file. What is not there, or is a folder, ends the command and says what there is. */
export function readWorkflowFile(given: string, cwd: string): WorkflowFile {
  const path = resolve(cwd, given)
  try {
    return { path, shown: shownPath(path, cwd), text: readFileSync(path, 'utf8') }
  } catch (cause) {
    throw unreadable(given, cwd, cause)
  }
}

/** A path as messages tell it. */
export function shownPath(path: string, cwd: string): string {
  const short = relative(cwd, path)
  return short.startsWith('..') || short === '' ? path : short
}

function unreadable(given: string, cwd: string, cause: unknown): CommandError {
  const reason = (cause as NodeJS.ErrnoException).code
  if (reason === 'EISDIR') {
    const found = findWorkflows(resolve(cwd, given)).map((file) => shownPath(file, cwd))
    const hint = choices('run one of its workflows', found) ?? 'it holds no *.segno.yaml files'
    return new CommandError({ code: 'FILE_IS_FOLDER', message: `${given} is a folder, not a workflow file`, hint })
  }
  if (reason === 'ENOENT' || reason === 'ENOTDIR') {
    const found = findWorkflows(cwd).map((file) => shownPath(file, cwd))
    const hint = choices('there are', found) ?? 'there are no *.segno.yaml files below the working folder'
    return new CommandError({ code: 'FILE_NOT_FOUND', message: `there is no workflow file at ${given}`, hint })
  }
  const message = `${given} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`
  return new CommandError({ code: 'FILE_UNREADABLE', message, hint: 'check its permissions' }, { cause })
}

const choicesMax = 8

function choices(what: string, files: readonly string[]): string | undefined {
  if (files.length === 0) return undefined
  const more = files.length > choicesMax ? [`… and ${files.length - choicesMax} more`] : []
  return [`${what}:`, ...[...files.slice(0, choicesMax), ...more].map((file) => `  ${file}`)].join('\n')
}
