import type { Diagnostic, Fix, TextEdit as SourceEdit } from '@segno/schema'
import {
  CodeActionKind,
  type CodeAction,
  type Diagnostic as EditorDiagnostic,
  type Range,
  type TextEdit,
} from 'vscode-languageserver-types'
import { editorRange } from './problems.ts'

/** A diagnostic, and how the editor was told of it. */
export interface ToldProblem {
  readonly diagnostic: Diagnostic
  readonly problem: EditorDiagnostic
}

/** The kind under which editors ask for all fixes at once. */
export const fixAllKind = `${CodeActionKind.SourceFixAll}.segno`

/** The fixes of what is wrong in a range of a file, and one action for all that may be fixed unasked. */
export function fixesAt(problems: readonly ToldProblem[], range: Range, uri: string): CodeAction[] {
  const here = problems.filter(({ problem }) => touches(problem.range, range))
  const single = here.flatMap(({ diagnostic: { fixes = [] }, problem }) =>
    fixes.map((fix): CodeAction => {
      return {
        title: `${fix.title[0]?.toUpperCase() ?? ''}${fix.title.slice(1)}`,
        kind: CodeActionKind.QuickFix,
        diagnostics: [problem],
        isPreferred: fix.isSafe,
        edit: { changes: { [uri]: fix.edits.map(editorEdit) } },
      }
    }),
  )
  const edits = fixAllEdits(problems.map(({ diagnostic }) => diagnostic))
  if (edits.length === 0) return single
  const all = { title: 'Fix all that can be fixed', edit: { changes: { [uri]: edits.map(editorEdit) } } }
  return [...single, { ...all, kind: fixAllKind }]
}

/** The edits of each diagnostic's safe fix, without those that would touch an edit before them. */
function fixAllEdits(diagnostics: readonly Diagnostic[]): readonly SourceEdit[] {
  const chosen: SourceEdit[] = []
  for (const { fixes = [] } of diagnostics) {
    const fix = fixes.find(({ isSafe }) => isSafe)
    if (fix && !fix.edits.some((edit) => chosen.some((other) => overlaps(edit, other)))) chosen.push(...fix.edits)
  }
  return chosen.toSorted((a, b) => a.range.start.offset - b.range.start.offset)
}

function overlaps({ range: a }: Fix['edits'][number], { range: b }: SourceEdit): boolean {
  return a.start.offset <= b.end.offset && b.start.offset <= a.end.offset
}

function editorEdit({ range, newText }: SourceEdit): TextEdit {
  return { range: editorRange(range), newText }
}

function touches(a: Range, b: Range): boolean {
  const starts = a.start.line < b.end.line || (a.start.line === b.end.line && a.start.character <= b.end.character)
  const ends = b.start.line < a.end.line || (b.start.line === a.end.line && b.start.character <= a.end.character)
  return starts && ends
}
