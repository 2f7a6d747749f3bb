import { parseExpression } from '@segno/schema/plan'
import type { JsonSchema } from '@segno/schema/plan'
import { jsonOf } from '../../src/builder/json.ts'
import type { Expr } from '../../src/builder/reference.ts'
import { expr, text } from '../../src/builder/text.ts'
import type { StandardSchema } from '../../src/runtime/handler.ts'

/** Why a definition cannot come from the builder. */
export class NoTwin extends Error {}

/** Tells that there is no twin, and why. */
export function noTwin(reason: string): never {
  throw new NoTwin(reason)
}

/** A value of a definition as a program gives it to the builder: its `${{ }}` as expressions. */
export function given(value: unknown): unknown {
  if (typeof value === 'string') return givenText(value)
  if (Array.isArray(value)) return value.map(given)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, given(field)]))
}

/** An expression that stands by itself. */
export function slot(condition: string | boolean): Expr<boolean> {
  return expr<boolean>(String(condition))
}

function givenText(value: string): unknown {
  const strings: string[] = ['']
  const values: Expr<string>[] = []
  const add = (string: string): void => void (strings[strings.length - 1] += string)
  let index = 0
  for (let mark = value.indexOf('${{'); mark !== -1; mark = value.indexOf('${{', index)) {
    if (value[mark - 1] === '$') {
      add(`${value.slice(index, mark - 1)}\${{`)
      index = mark + 3
      continue
    }
    const end = endOf(value, mark + 3)
    add(value.slice(index, mark))
    values.push(expr<string>(value.slice(mark + 3, end).trim()))
    strings.push('')
    index = end + 2
  }
  add(value.slice(index))
  const isAlone = values.length === 1 && strings.every((string) => string === '')
  if (values.length === 0) return strings[0]
  return isAlone ? values[0] : text(Object.assign(strings, { raw: strings }), ...values)
}

// Of the `}}` after it, the first that leaves an expression.
function endOf(value: string, start: number): number {
  for (let end = value.indexOf('}}', start); end !== -1; end = value.indexOf('}}', end + 1)) {
    if ('expression' in parseExpression(value.slice(start, end))) return end
  }
  throw new Error(`${value} has an expression without an end`)
}

/** A JSON Schema as the builder takes it. */
export function schemaOf(schema: JsonSchema): StandardSchema {
  return typeof schema === 'boolean'
    ? noTwin('a schema that is `true` or `false`: validators tell objects')
    : jsonOf(schema)
}
