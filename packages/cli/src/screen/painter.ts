/** What a painter draws on. */
export interface Surface {
  write(text: string): void
  /** The lines as they are to be seen now. */
  frame(): readonly string[]
}

/** Keeps a window of lines at the bottom of a terminal up to date. */
export interface Painter {
  /** Draws what has changed since the last time. */
  draw(): void
  /** Prints lines above the window, where they stay. */
  above(text: string): void
  /** Forgets what the terminal shows, as after a change of its size. */
  invalidate(): void
  /** Draws for the last time, leaves the window where it is, and gives the cursor back. */
  stop(): void
}

const hideCursor = '\u001b[?25l'
const showCursor = '\u001b[?25h'
const beginUpdate = '\u001b[?2026h'
const endUpdate = '\u001b[?2026l'
// A line that were longer than the terminal is wide would wrap, and the rows below it be miscounted.
const wrapOff = '\u001b[?7l'
const wrapOn = '\u001b[?7h'
const clearLine = '\u001b[K'
const clearBelow = '\u001b[J'

/** What gives the terminal back as it was, also from an `exit` listener. */
export const restoreTerminal: string = endUpdate + wrapOn + showCursor

/** A painter that draws each time it is told to. The caller says how often. */
export function createPainter(surface: Surface): Painter {
  let shown: readonly string[] = []
  let begun = false
  let stopped = false

  const paint = (lines: readonly string[], before = ''): void => {
    if (stopped) return
    let text = before === '' ? '' : `${toTop(shown.length)}${clearBelow}${before}`
    text += before === '' ? changes(shown, lines) : lines.map((line) => `${line}\n`).join('')
    shown = lines
    if (text === '') return
    surface.write(`${begun ? '' : hideCursor}${beginUpdate}${wrapOff}${text}${wrapOn}${endUpdate}`)
    begun = true
  }

  return {
    draw: () => paint(surface.frame()),
    above: (text) => paint(surface.frame(), text.endsWith('\n') ? text : `${text}\n`),
    invalidate() {
      if (shown.length === 0 || stopped) return
      surface.write(`${toTop(shown.length)}${clearBelow}`)
      shown = []
    },
    stop() {
      paint(surface.frame())
      if (begun && !stopped) surface.write(restoreTerminal)
      stopped = true
    },
  }
}

function toTop(height: number): string {
  return height === 0 ? '' : `\r\u001b[${height}A`
}

// The cursor rests on the line below the window, and ends there again.
function changes(before: readonly string[], after: readonly string[]): string {
  if (before.length === after.length && before.every((line, index) => line === after[index])) return ''
  const kept = Math.min(before.length, after.length)
  let text = toTop(before.length)
  let skipped = 0
  after.forEach((line, index) => {
    if (index < kept && line === before[index]) {
      skipped++
      return
    }
    text += `${'\n'.repeat(skipped)}${line}${clearLine}\n`
    skipped = 0
  })
  text += '\n'.repeat(skipped)
  return before.length > after.length ? `${text}${clearBelow}` : text
}
