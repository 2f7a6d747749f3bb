import type { Diagnostic, Range } from './diagnostic.ts'

/** How diagnostics are printed. */
export interface FormatOptions {
  /** The text that they are about; without it there are no code frames. */
  readonly text?: string
  /** The texts of other files, by the `file` that diagnostics tell, as `loadWorkflow` gives them. */
  readonly files?: ReadonlyMap<string, string>
  /** Whether to use ANSI colours. */
  readonly color?: boolean
}

/**
 * Diagnostics as people read them: what is wrong, where, the lines of the text
 * with the place underlined, and what to do. Ends without a line break.
 */
export function formatDiagnostics(
  diagnostics: readonly Diagnostic[],
  { text, files, color = false }: FormatOptions = {},
): string {
  const linesOf = (content: string | undefined): readonly string[] | undefined => content?.split(/\r?\n/)
  const lines = linesOf(text)
  const others = new Map([...(files ?? [])].map(([file, content]) => [file, linesOf(content)]))
  const paint = paintOf(color)
  return diagnostics
    .map((diagnostic) => formatOne(diagnostic, others.get(diagnostic.file ?? '') ?? lines, paint))
    .join('\n\n')
}

/** The lines around a place of a text, with the place underlined, as a diagnostic shows them. */
export function codeFrame(range: Range, text: string, { color = false }: Pick<FormatOptions, 'color'> = {}): string {
  return frameOf(range, text.split(/\r?\n/), undefined, { paint: paintOf(color), severity: 'error' }).join('\n')
}

function paintOf(color: boolean): Paint {
  return color ? (style, words) => `\u001b[${styles[style]}m${words}\u001b[0m` : (_, words) => words
}

const styles = { error: '1;31', warning: '1;33', place: '34', bold: '1' } as const

type Paint = (style: keyof typeof styles, words: string) => string

function formatOne(diagnostic: Diagnostic, lines: readonly string[] | undefined, paint: Paint): string {
  const { code, severity, message, hint, range } = diagnostic
  const headline = `${paint(severity, `${severity}[${code}]`)} ${paint('bold', printable(message))}`
  const where = `  ${paint('place', '-->')} ${printable(placeText(diagnostic))}`
  const frame =
    range && lines
      ? frameOf(range, lines, hint, { paint, severity })
      : hint === undefined
        ? []
        : [`  ${printable(hint)}`]
  const related = (diagnostic.related ?? []).map(
    (place) => `  ${placeText({ ...place, pointer: place.pointer ?? '' })}: ${printable(place.message)}`,
  )
  return [headline, where, ...frame, ...related].join('\n')
}

function placeText({
  file,
  range,
  pointer,
}: Pick<Diagnostic, 'pointer'> & { readonly file?: string; readonly range?: Range }): string {
  const place = range ? `${range.start.line}:${range.start.column}` : pointer === '' ? 'the definition' : pointer
  return file === undefined ? place : `${file}:${place}`
}

/** The line of the mistake between its neighbours, with the place underlined as far as it is on that line. */
function frameOf(
  { start, end }: Range,
  lines: readonly string[],
  hint: string | undefined,
  { paint, severity }: { readonly paint: Paint; readonly severity: Diagnostic['severity'] },
): string[] {
  const gutter = String(start.line + 1).length
  const row = (line: number): string[] => {
    const source = lines[line - 1]
    if (source === undefined || (source.trim() === '' && line !== start.line)) return []
    const marker = line === start.line ? '>' : ' '
    return [`${paint('place', `${marker} ${String(line).padStart(gutter)} |`)} ${cut(source, start.column)}`.trimEnd()]
  }
  const source = lines[start.line - 1] ?? ''
  const endColumn = end.line === start.line ? end.column : source.trimEnd().length + 1
  const carets = '^'.repeat(Math.max(1, Math.min(endColumn - start.column, lineLengthMax)))
  const indent = ' '.repeat(start.column - 1 - cutFrom(source, start.column))
  const words = hint === undefined ? carets : `${carets} ${printable(hint)}`
  const underline = `${paint('place', `  ${' '.repeat(gutter)} |`)} ${indent}${paint(severity, words)}`
  return [...row(start.line - 1), ...row(start.line), underline, ...row(start.line + 1)]
}

const lineLengthMax = 160

// A long line is shown around the column of the mistake.
function cutFrom(line: string, column: number): number {
  return line.length <= lineLengthMax ? 0 : Math.max(0, column - lineLengthMax / 2)
}

function cut(line: string, column: number): string {
  const from = cutFrom(line, column)
  return printable(line.slice(from, from + lineLengthMax))
}

// A file may hold what moves a terminal's cursor or turns the direction of text.
function printable(text: string): string {
  return text.replaceAll('\t', ' ').replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, '\ufffd')
}
