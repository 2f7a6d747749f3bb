import { StorageFault } from '@segno/core'

/**
 * A name as PostgreSQL keeps it. Its text holds neither NUL nor half of a surrogate pair,
 * so these are written with a backslash, and so is the backslash itself: different names
 * stay different, and nearly all of them are kept as they are.
 */
export function keptName(name: string): string {
  return needsEscape(name) ? name.replaceAll(escaped, (one) => `\\${one === '\\' ? '\\' : hex(one)}`) : name
}

/** The name that `keptName` was given. */
export function nameFrom(kept: string): string {
  return kept.includes('\\')
    ? kept.replaceAll(/\\(\\|[0-9a-f]{4})/g, (_, one) => (one === '\\' ? one : unhex(one)))
    : kept
}

/** How a label is looked for: its name and its value in one text. */
export function keptLabels(labels: Readonly<Record<string, string>>): string[] {
  return Object.entries(labels).map((pair) => JSON.stringify(pair))
}

/** A text that is kept as it is, or refused. */
export function keptText(text: string, what: string): string {
  if (!text.includes('\0') && text.isWellFormed()) return text
  throw new StorageFault('VALUE_UNSUPPORTED', `PostgreSQL cannot keep ${what} with NUL or half a surrogate pair.`, {
    ambiguous: false,
  })
}

const escaped = /[\\\0]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g

function needsEscape(name: string): boolean {
  return name.includes('\\') || name.includes('\0') || !name.isWellFormed()
}

function hex(one: string): string {
  return one.charCodeAt(0).toString(16).padStart(4, '0')
}

function unhex(digits: string): string {
  return String.fromCharCode(Number.parseInt(digits, 16))
}
