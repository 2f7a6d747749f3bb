import { harmless } from './harmless.ts'
import type { Look } from './terminal.ts'

/** The end of what a process has printed. */
export interface Excerpt {
  readonly stream: 'stdout' | 'stderr'
  /** As the process wrote them. */
  readonly lines: readonly string[]
  /** How many there are in all, where that is known. */
  readonly total?: number
  /** Where all of them are. */
  readonly file: string
}

const boxWidth = 78

/** The last lines of a process in a box, with the file that has all of them. */
export function excerptLines({ stream, lines, total, file }: Excerpt, { glyphs, paint }: Look): string[] {
  const { top, side, end, line } = glyphs.box
  const title = `  ${top} ${stream}${countText(lines.length, total)} `
  return [
    paint('dim', title + line.repeat(Math.max(3, boxWidth - title.length))),
    ...lines.map((text) => `  ${paint('dim', side)} ${harmless(text)}`.trimEnd()),
    paint('dim', `  ${end} ${file}`),
  ]
}

function countText(shown: number, total: number | undefined): string {
  if (total === undefined) return shown === 0 ? '' : ` (last ${shown} lines)`
  if (total <= shown) return ''
  return ` (last ${shown} of ${total} lines)`
}
