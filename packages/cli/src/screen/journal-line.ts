import type { RunEvent } from '@segno/schema'
import { harmless } from './harmless.ts'
import type { Look } from './terminal.ts'
import { clockTime } from './took.ts'

const payloadMax = 400

/** One event of a journal on one line: its number, time, type and step, and what else it says as JSON. */
export function journalLine(event: RunEvent, { look }: { readonly look: Look }): string {
  const { seq, v: _, at, runId: __, type, ...payload } = event
  const { path, ...rest } = { path: '', ...payload }
  const text = Object.keys(rest).length === 0 ? '' : JSON.stringify(rest)
  const shown = text.length > payloadMax ? `${text.slice(0, payloadMax)}${look.glyphs.ellipsis}` : text
  const place = path === '' ? '' : `  ${path}`
  const head = `${look.paint('dim', `${String(seq).padStart(5)}  ${clockTime(at)}`)}  ${look.paint('bold', type)}`
  return `${head}${place}  ${look.paint('dim', harmless(shown))}`.trimEnd()
}
