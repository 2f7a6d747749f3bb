import type { Diagnostic, Position, Range as SourceRange } from '@segno/schema'
import {
  DiagnosticSeverity,
  DiagnosticTag,
  type Diagnostic as EditorDiagnostic,
  type Range,
} from 'vscode-languageserver-types'

/** What an editor cannot be told without knowing where files are. */
export interface FileLinks {
  /** The URI of a file, spelled as diagnostics tell it. */
  uriOf(file: string): string
  /** The page that explains a code, from what the diagnostic says of it. */
  docsOf(docUrl: string): string
}

/** A diagnostic as editors take it. */
export function problemOf(diagnostic: Diagnostic, file: string, links: FileLinks): EditorDiagnostic {
  const { code, severity, range, hint, expected, found, related = [], docUrl } = diagnostic
  const places = related.flatMap((place) =>
    place.range === undefined
      ? []
      : [
          {
            message: place.message,
            location: { uri: links.uriOf(place.file ?? file), range: editorRange(place.range) },
          },
        ],
  )
  const types = expected === undefined || found === undefined ? [] : [`expected ${expected}, found ${found}`]
  const told = types.filter((text) => !diagnostic.message.includes(text))
  return {
    range: range ? editorRange(range) : beginning,
    severity: severity === 'error' ? DiagnosticSeverity.Error : DiagnosticSeverity.Warning,
    code,
    codeDescription: { href: links.docsOf(docUrl) },
    source: 'segno',
    message: [diagnostic.message, ...told, ...(hint === undefined ? [] : [hint])].join('\n'),
    ...(unnecessary.test(code) && { tags: [DiagnosticTag.Unnecessary] }),
    ...(places.length > 0 && { relatedInformation: places }),
  }
}

// What is declared and not used, or never reached, is shown faded.
const unnecessary = /^(?:UNUSED|UNREACHABLE)_/

const beginning: Range = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } }

/** A range of a source as editors take it: lines and columns from 0. */
export function editorRange({ start, end }: SourceRange): Range {
  return { start: editorPosition(start), end: editorPosition(end) }
}

function editorPosition({ line, column }: Position): { line: number; character: number } {
  return { line: line - 1, character: column - 1 }
}
