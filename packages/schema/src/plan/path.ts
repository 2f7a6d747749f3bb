import type { Json, JsonObject } from '../json.ts'

/** What a text that does not fit `type: path` was expected to be; `undefined` where it fits. */
export function pathMistake(text: string, under?: string): string | undefined {
  return rulesOf(under).find(({ pattern }) => !new RegExp(`^${pattern}`, 'u').test(text))?.expected
}

/**
 * The regular expression of a schema that takes paths only; `undefined` where it
 * takes any text. It says what a path looks like, and nothing of what it leads to.
 */
export function pathPattern(schema: JsonObject): string | undefined {
  if (!takesPaths(schema)) return undefined
  return `^${rulesOf(underOf(schema))
    .map(({ pattern }) => pattern)
    .join('')}`
}

/** Whether each text that a schema takes is a path. */
export function takesPaths({ type }: JsonObject): boolean {
  const types: readonly (Json | undefined)[] = Array.isArray(type) ? type : [type]
  return types.includes('path') && !types.includes('string')
}

/** The folder that a schema keeps its paths in. */
export function underOf({ under }: JsonObject): string | undefined {
  return typeof under === 'string' ? under : undefined
}

interface PathRule {
  /** Looks ahead from the start of the text. */
  readonly pattern: string
  readonly expected: string
}

// `link/../x` is not `x` where `link` leads elsewhere: only a path without `..` says where it leads.
const rules: readonly PathRule[] = [
  { pattern: String.raw`(?=[^])`, expected: 'a path' },
  { pattern: String.raw`(?![^]*\0)`, expected: 'a path without NUL' },
  { pattern: String.raw`(?![/\\]|[A-Za-z]:)`, expected: 'a relative path' },
  { pattern: String.raw`(?!(?:[^]*[/\\])?\.\.(?:[/\\]|$))`, expected: 'a path without ".."' },
]

function rulesOf(under: string | undefined): readonly PathRule[] {
  const segments = (under ?? '').split('/').filter((segment) => segment !== '' && segment !== '.')
  if (segments.length === 0) return rules
  const separator = String.raw`/+(?:\./+)*`
  const inside = segments.map((segment) => segment.replace(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`)).join(separator)
  return [...rules, { pattern: String.raw`(?=(?:\./+)*${inside}(?:/|$))`, expected: `a path under ${under}` }]
}
