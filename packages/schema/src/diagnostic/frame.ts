import type { Diagnostic, Position, Range, RelatedPlace } from './diagnostic.ts'

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
 * with the place underlined, what to do, what was expected and found there, and
 * other places to look at. Ends without a line break.
 */
export function formatDiagnostics(
  diagnostics: readonly Diagnostic[],
  { text, files, color = false }: FormatOptions = {},
): string {
  const own = text?.split(lineBreak)
  const others = new Map([...(files ?? [])].map(([file, content]) => [file, content.split(lineBreak)]))
  const page: Page = { paint: paintOf(color), linesOf: (file = '') => others.get(file) ?? own }
  return diagnostics.map((diagnostic) => formatOne(diagnostic, page)).join('\n\n')
}

const lineBreak = /\r?\n/

/** The lines around a place of a text, with the place underlined, as a diagnostic shows them. */
export function codeFrame(range: Range, text: string, { color = false }: Pick<FormatOptions, 'color'> = {}): string {
  return frameOf(range, text.split(lineBreak), { paint: paintOf(color), style: 'error' }).join('\n')
}

function paintOf(color: boolean): Paint {
  return color ? (style, words) => `\u001b[${styles[style]}m${words}\u001b[0m` : (_, words) => words
}

const styles = { error: '1;31', warning: '1;33', place: '34', note: '1;36', bold: '1' } as const

type Paint = (style: keyof typeof styles, words: string) => string

/** How all diagnostics of a print are shown. */
interface Page {
  readonly paint: Paint
  readonly linesOf: (file: string | undefined) => readonly string[] | undefined
}

function formatOne(diagnostic: Diagnostic, page: Page): string {
  const { code, severity, message, hint, range, file } = diagnostic
  const { paint, linesOf } = page
  const lines = linesOf(file)
  const headline = `${paint(severity, `${severity}[${code}]`)} ${paint('bold', printable(message))}`
  const frame =
    range && lines
      ? frameOf(range, lines, { paint, style: severity, hint })
      : hint === undefined
        ? []
        : [`  ${printable(hint)}`]
  const kinds = kindsOf(diagnostic, range !== undefined && lines !== undefined, paint)
  const related = (diagnostic.related ?? []).flatMap((place) => relatedOf(place, page))
  return [headline, whereOf(diagnostic, paint), ...frame, ...kinds, ...related].join('\n')
}

function whereOf(place: Parameters<typeof placeText>[0], paint: Paint): string {
  return `  ${paint('place', '-->')} ${printable(placeText(place))}`
}

/** What was expected and found, unless the message says so. */
function kindsOf({ message, expected, found, range }: Diagnostic, hasFrame: boolean, paint: Paint): string[] {
  if ([expected, found].every((kind) => kind === undefined || message.includes(kind))) return []
  const indent = ' '.repeat(hasFrame && range ? gutterOf(range.start) + 3 : 2)
  const line = (label: string, kind: string | undefined): string[] =>
    kind === undefined ? [] : [`${indent}${paint('place', `= ${label}`)} ${printable(kind)}`]
  return [...line('expected', expected), ...line('   found', found)]
}

/** Another place, with its line alone. */
function relatedOf(place: RelatedPlace, { paint, linesOf }: Page): string[] {
  const lines = linesOf(place.file)
  const headline = `${paint('note', 'note')} ${printable(place.message)}`
  const frame = place.range && lines ? frameOf(place.range, lines, { paint, style: 'note' }) : []
  return [headline, whereOf({ ...place, pointer: place.pointer ?? '' }, paint), ...frame]
}

function placeText({
  file,
  range,
  pointer,
}: Pick<Diagnostic, 'pointer'> & { readonly file?: string; readonly range?: Range }): string {
  const place = range ? `${range.start.line}:${range.start.column}` : pointer === '' ? 'the definition' : pointer
  return file === undefined ? place : `${file}:${place}`
}

interface FrameStyle {
  readonly paint: Paint
  readonly style: Diagnostic['severity'] | 'note'
  readonly hint?: string | undefined
}

/** The line of a mistake between its neighbours, or that of a note alone, with the place underlined as far as it is on that line. */
function frameOf({ start, end }: Range, lines: readonly string[], { paint, style, hint }: FrameStyle): string[] {
  const gutter = gutterOf(start)
  const row = (line: number): string[] => {
    const source = lines[line - 1]
    if (source === undefined || (source.trim() === '' && line !== start.line)) return []
    const marker = line === start.line ? '>' : ' '
    return [`${paint('place', `${marker} ${String(line).padStart(gutter)} |`)} ${cut(source, start.column)}`.trimEnd()]
  }
  const source = lines[start.line - 1] ?? ''
  const endColumn = end.line === start.line ? end.column : source.trimEnd().length + 1
  const mark = style === 'note' ? '-' : '^'
  const marks = mark.repeat(Math.max(1, Math.min(endColumn - start.column, lineLengthMax)))
  const indent = ' '.repeat(start.column - 1 - cutFrom(source, start.column))
  const words = hint === undefined ? marks : `${marks} ${printable(hint)}`
  const underline = `${paint('place', `  ${' '.repeat(gutter)} |`)} ${indent}${paint(style, words)}`
  const [before, after] = style === 'note' ? [[], []] : [row(start.line - 1), row(start.line + 1)]
  return [...before, ...row(start.line), underline, ...after]
}

// As wide as the number of the line below, so that neighbours stand under each other.
function gutterOf({ line }: Position): number {
  return String(line + 1).length
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
