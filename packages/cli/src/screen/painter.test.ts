import { describe, expect, test } from 'vitest'
import { createPainter, restoreTerminal, type Painter } from './painter.ts'

interface Terminal {
  lines: readonly string[]
  readonly written: string[]
  readonly painter: Painter
}

function terminal(): Terminal {
  const written: string[] = []
  const made: { lines: readonly string[] } = { lines: [] }
  const painter = createPainter({ write: (text) => written.push(text), frame: () => made.lines })
  return Object.assign(made, { written, painter })
}

const part = new RegExp(String.raw`\x1b\[([?\d]*)([A-Za-z])|\n|\r|[^\x1b\n\r]+`, 'g')

/** What is on the screen after all that was written. */
function screenOf(written: readonly string[]): string[] {
  const screen: string[] = ['']
  let row = 0
  for (const [text, count, command] of written.join('').matchAll(part)) {
    if (text === '\n') screen[++row] ??= ''
    else if (command === 'A') row -= Number(count)
    else if (command === 'J') screen.splice(row, screen.length, '')
    else if (command === undefined && text !== '\r') screen[row] = text
  }
  return screen
}

describe('a painter', () => {
  test('writes only the lines that have changed', () => {
    const view = terminal()
    view.lines = ['head', 'a', 'b']
    view.painter.draw()
    view.lines = ['head', 'a', 'c']
    view.painter.draw()
    expect(view.written[1]).toContain('c')
    expect(view.written[1]).not.toContain('head')
    expect(screenOf(view.written)).toEqual(['head', 'a', 'c', ''])
  })

  test('writes nothing when nothing has changed', () => {
    const view = terminal()
    view.lines = ['a']
    view.painter.draw()
    view.painter.draw()
    expect(view.written).toHaveLength(1)
  })

  test('leaves no line behind when there are fewer', () => {
    const view = terminal()
    view.lines = ['a', 'b', 'c']
    view.painter.draw()
    view.lines = ['a']
    view.painter.draw()
    expect(screenOf(view.written)).toEqual(['a', ''])
  })

  test('prints other text above its window', () => {
    const view = terminal()
    view.lines = ['a', 'b']
    view.painter.draw()
    view.painter.above('stray')
    expect(screenOf(view.written)).toEqual(['stray', 'a', 'b', ''])
  })

  test('draws within one update of the screen, and gives the cursor back', () => {
    const view = terminal()
    view.lines = ['a']
    view.painter.draw()
    view.painter.stop()
    const [first = ''] = view.written
    expect(first.startsWith('\u001b[?25l\u001b[?2026h')).toBe(true)
    expect(first.endsWith('\u001b[?2026l')).toBe(true)
    expect(view.written.at(-1)).toBe(restoreTerminal)
  })

  test('draws no more once it has stopped', () => {
    const view = terminal()
    view.painter.stop()
    view.lines = ['a']
    view.painter.draw()
    expect(view.written).toEqual([])
  })
})
