import type { Json, JsonObject } from '../json.ts'

/** How long a line may be that holds a list or a map. */
const columnsMax = 110
const nestedMax = 3

/**
 * Whether a list or a map is read well on one line: short, without lines of its
 * own, no list of maps, and with one expression at most, since braces around
 * `${{ }}` need quotes.
 */
export function fitsOneLine(value: JsonObject | readonly Json[], column: number): boolean {
  const line = { columns: column, expressions: 0 }
  add(line, value, 1)
  return line.columns <= columnsMax && line.expressions <= 1
}

interface Line {
  columns: number
  expressions: number
}

function add(line: Line, value: Json | undefined, depth: number): void {
  if (line.columns > columnsMax || value === undefined) return
  if (typeof value === 'string') return addText(line, value)
  if (typeof value !== 'object' || value === null) {
    line.columns += String(value).length
    return
  }
  const isMaps = Array.isArray(value) && value.length > 1 && value.every((item) => typeof item === 'object')
  if (isMaps || depth > nestedMax) {
    line.columns = Infinity
    return
  }
  line.columns += 2
  for (const [key, field] of Object.entries(value)) {
    line.columns += Array.isArray(value) ? 2 : key.length + 4
    add(line, field, depth + 1)
  }
}

function addText(line: Line, text: string): void {
  line.columns += text.includes('\n') ? Infinity : text.length + (/[^\w ./-]/.test(text) ? 2 : 0)
  line.expressions += text.split('${{').length - 1
}
