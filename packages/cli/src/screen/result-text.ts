import type { Json } from '@segno/schema'

/** Outputs as people read them: a `name: value` line each, text as it is, anything else as JSON. */
export function resultText(output: Readonly<Record<string, Json>>): string {
  return Object.entries(output)
    .map(([name, value]) => `${name}: ${valueText(value)}\n`)
    .join('')
}

// Text of several lines, or with what a terminal would obey, is told as JSON: one output is one line.
function valueText(value: Json): string {
  return typeof value === 'string' && !/[\p{Cc}\u2028\u2029]/u.test(value) ? value : JSON.stringify(value)
}
