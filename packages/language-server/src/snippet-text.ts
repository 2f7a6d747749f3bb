import { isJsonList, type Json } from '@segno/schema'

/**
 * The YAML of a value with places to fill in, in block style. Texts stand in it
 * as they are: `^` before one says that it is no text.
 */
export function snippetText(body: Json, indent = 0): string {
  if (typeof body === 'string') return body.replace(/^\^/, '')
  if (typeof body !== 'object' || body === null) return String(body)
  const pad = ' '.repeat(indent)
  if (isJsonList(body)) {
    if (body.every((item) => typeof item !== 'object')) return `[${body.map((item) => snippetText(item)).join(', ')}]`
    return body.map((item) => `- ${snippetText(item, indent + 2)}`).join(`\n${pad}`)
  }
  return Object.entries(body)
    .map(([key, value]) => `${key}:${valueText(value ?? null, indent + 2)}`)
    .join(`\n${pad}`)
}

function valueText(value: Json, indent: number): string {
  const text = snippetText(value, indent)
  const isBlock = typeof value === 'object' && value !== null && !text.startsWith('[')
  return isBlock ? `\n${' '.repeat(indent)}${text}` : ` ${text}`
}
