import { formatDiagnostics, type Diagnostic } from '@segno/schema'
import type { WorkflowFile } from './workflow-file.ts'

/** Prints what is wrong with a file and what it imports, each with its lines, and how much that is. */
export function printDiagnostics(
  diagnostics: readonly Diagnostic[],
  { text, shown, imported }: Pick<WorkflowFile, 'text' | 'shown' | 'imported'>,
  { color, write }: { readonly color: boolean; readonly write: (text: string) => unknown },
): void {
  if (diagnostics.length === 0) return
  const told = formatDiagnostics(diagnostics, { text, ...(imported && { files: imported }), color })
  write(`${told}\n\n${shown}: ${tally(diagnostics)}; ${readMore(diagnostics, shown)}\n`)
}

/** Prints them where they are not the result of a command: on stderr. */
export function tellDiagnostics(
  diagnostics: readonly Diagnostic[],
  file: Pick<WorkflowFile, 'text' | 'shown' | 'imported'>,
  color: boolean,
): void {
  printDiagnostics(diagnostics, file, { color, write: (text) => process.stderr.write(text) })
}

/** Where to go from here, once for all of them. */
function readMore(diagnostics: readonly Diagnostic[], shown: string): string {
  const codes = new Set(diagnostics.map(({ code }) => code))
  const more = `segno explain ${codes.size === 1 ? [...codes].join('') : 'CODE'} tells more`
  const isFixable = diagnostics.some(({ file, fixes }) => file === shown && fixes?.[0]?.isSafe === true)
  return isFixable ? `${more}, segno validate --fix mends what is sure` : more
}

/** How many errors and warnings there are, in words. */
export function tally(diagnostics: readonly Diagnostic[]): string {
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length
  const warnings = diagnostics.length - errors
  const parts = [
    ...(errors > 0 ? [errors === 1 ? '1 error' : `${errors} errors`] : []),
    ...(warnings > 0 ? [warnings === 1 ? '1 warning' : `${warnings} warnings`] : []),
  ]
  return parts.length === 0 ? 'valid' : parts.join(', ')
}
