import type { HandlerDefinition } from '@segno/core'
import { z } from 'zod'
import { edits, type Edit } from './edits.ts'

const Input = z.strictObject({
  before: z.string(),
  after: z.string(),
  context: z.int().min(0).max(100).default(3).describe('How many lines stay around each change.'),
})
const Output = z.strictObject({
  same: z.boolean(),
  added: z.int().describe('Lines that are only in `after`.'),
  removed: z.int().describe('Lines that are only in `before`.'),
  diff: z
    .string()
    .describe('The changes as `diff -u` writes them, without its two first lines; empty where there are none.'),
})

/** Tells what has changed between two texts, line by line, with as few changes as there can be. */
export const diff: HandlerDefinition<z.infer<typeof Input>, z.infer<typeof Output>> = {
  title: 'Diff',
  description: 'Tells what has changed between two texts, line by line.',
  effect: 'pure',
  input: Input,
  output: Output,
  perform: (_context, { before, after, context }) => {
    const all = edits(linesOf(before), linesOf(after))
    const count = (kind: Edit['kind']): number => all.filter((edit) => edit.kind === kind).length
    const [added, removed] = [count('added'), count('removed')]
    return { same: added + removed === 0, added, removed, diff: hunks(all, context).map(hunkText).join('') }
  },
}

// With its end, so that a last line without one is another line, as `diff` has it.
function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? []
}

/** Edits that stand together, and how many lines of either text stand before them. */
interface Hunk {
  readonly edits: readonly Edit[]
  readonly before: number
  readonly after: number
}

function hunks(all: readonly Edit[], context: number): Hunk[] {
  const found: Hunk[] = []
  let from = 0
  for (;;) {
    const first = all.findIndex(({ kind }, index) => index >= from && kind !== 'kept')
    if (first === -1) return found
    let last = first
    for (let at = first; at < all.length && at <= last + 2 * context + 1; at++) if (all[at]?.kind !== 'kept') last = at
    const start = Math.max(from, first - context)
    const end = Math.min(all.length, last + context + 1)
    const above = all.slice(0, start)
    const [before, after] = [above.filter(isIn('before')).length, above.filter(isIn('after')).length]
    found.push({ edits: all.slice(start, end), before, after })
    from = end
  }
}

function isIn(side: 'before' | 'after'): (edit: Edit) => boolean {
  return ({ kind }) => kind !== (side === 'before' ? 'added' : 'removed')
}

const signs = { kept: ' ', added: '+', removed: '-' } as const satisfies Record<Edit['kind'], string>

function hunkText({ edits: lines, before, after }: Hunk): string {
  const range = (start: number, length: number): string => {
    const at = length === 0 ? start : start + 1
    return length === 1 ? `${at}` : `${at},${length}`
  }
  const head = `@@ -${range(before, lines.filter(isIn('before')).length)} +${range(after, lines.filter(isIn('after')).length)} @@\n`
  const body = lines.map(({ kind, line }) => {
    const text = signs[kind] + line
    return line.endsWith('\n') ? text : `${text}\n\\ No newline at end of file\n`
  })
  return head + body.join('')
}
