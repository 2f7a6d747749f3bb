import { styleText } from 'node:util'
import type { ProgressStatus } from '../progress/progress.ts'
import type { ShownStatus } from '../shown-status.ts'

/** The styles that screens use. Never the only bearer of a meaning: a glyph or a word says it too. */
export type Style = 'red' | 'green' | 'yellow' | 'cyan' | 'blue' | 'dim' | 'bold'

/** Colours a text, or leaves it as it is. */
export type Paint = (style: Style, text: string) => string

/** The signs of a screen. */
export interface Glyphs {
  readonly status: Readonly<Record<ProgressStatus, string>>
  /** Of a run, where it is not that of a step in the same status. */
  readonly run: Readonly<Record<Exclude<ShownStatus, ProgressStatus>, string>>
  readonly branch: string
  readonly lastBranch: string
  readonly bar: string
  readonly full: string
  readonly empty: string
  /** Before a line that a process has printed. */
  readonly output: string
  readonly box: { readonly top: string; readonly side: string; readonly end: string; readonly line: string }
  readonly ellipsis: string
  readonly arrow: string
  readonly dot: string
  readonly dash: string
}

/** How a screen looks: what it can show, and in which colours. */
export interface Look {
  readonly glyphs: Glyphs
  readonly paint: Paint
}

const unicodeGlyphs: Glyphs = {
  status: {
    ...{ pending: '○', running: '◐', retrying: '↻', waiting: '◷', blocked: '■', cancelling: '◑' },
    ...{ completed: '✓', failed: '✗', skipped: '↷', cancelled: '⊘' },
  },
  run: { queued: '○', paused: '‖', crashed: '☠' },
  ...{ arrow: '←', output: '┆ ', box: { top: '┌', side: '│', end: '└', line: '─' } },
  ...{ branch: '├─ ', lastBranch: '└─ ', bar: '│  ', full: '█', empty: '░', ellipsis: '…', dot: '·', dash: '—' },
}

const asciiGlyphs: Glyphs = {
  status: {
    ...{ pending: 'o', running: '>', retrying: '~', waiting: 'w', blocked: '#', cancelling: '<' },
    ...{ completed: 'v', failed: 'x', skipped: '-', cancelled: '/' },
  },
  run: { queued: 'o', paused: '=', crashed: '!' },
  ...{ arrow: '<-', output: ': ', box: { top: '+', side: '|', end: '+', line: '-' } },
  ...{ branch: '|- ', lastBranch: '`- ', bar: '|  ', full: '#', empty: '.', ellipsis: '...', dot: '-', dash: '-' },
}

/** The colour of each status. */
export const statusStyles: Readonly<Record<ProgressStatus, Style>> = {
  ...({ pending: 'dim', running: 'cyan', retrying: 'yellow', waiting: 'yellow', blocked: 'red' } as const),
  ...({ cancelling: 'yellow', completed: 'green', failed: 'red', skipped: 'dim', cancelled: 'yellow' } as const),
}

/** The sign and the colour of a run's status. */
export function runSign(status: ShownStatus, { run, status: steps }: Glyphs): readonly [sign: string, style: Style] {
  switch (status) {
    case 'queued':
      return [run.queued, 'dim']
    case 'paused':
      return [run.paused, 'yellow']
    case 'crashed':
      return [run.crashed, 'red']
    default:
      return [steps[status], statusStyles[status]]
  }
}

/** The look that a stream can show: colours as Node decides (NO_COLOR, FORCE_COLOR, TERM), signs by the locale. */
export function lookOf(
  stream: NodeJS.WriteStream,
  env: NodeJS.ProcessEnv,
  { color }: { readonly color: boolean },
): Look {
  return look({ unicode: isUtf8(env), color: color && styleText('red', 'x', { stream }) !== 'x' })
}

/** A look by what it may use. */
export function look({ unicode, color }: { readonly unicode: boolean; readonly color: boolean }): Look {
  return {
    glyphs: unicode ? unicodeGlyphs : asciiGlyphs,
    paint: color ? (style, text) => styleText(style, text, { validateStream: false }) : (_, text) => text,
  }
}

// Without a locale, nothing says that more than ASCII arrives; a CI log takes UTF-8 all the same.
function isUtf8(env: NodeJS.ProcessEnv): boolean {
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || ''
  return /utf-?8/i.test(locale) || env['GITHUB_ACTIONS'] === 'true' || env['WT_SESSION'] !== undefined
}

/** Text without what moves a cursor or turns the direction of text, on one line. */
export function printable(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, '\ufffd')
}
