import type { HandlerDefinition } from '@segno/core'
import { z } from 'zod'
import { codedError } from './coded-error.ts'

const Input = z.strictObject({
  template: z.string().describe('A text with places such as {{ name }} and {{ order.id }}.'),
  values: z.record(z.string(), z.json()).describe('What goes into the places.'),
})
const Output = z.strictObject({ text: z.string() })
type Input = z.infer<typeof Input>

/**
 * Fills the places of a template. Its places are `{{ }}`, so that the template may stand
 * in a workflow, where `${{ }}` is an expression, or come from a file that no workflow knows.
 */
export const fill: HandlerDefinition<Input, z.infer<typeof Output>> = {
  title: 'Fill in',
  description: 'Fills the places of a template with values.',
  effect: 'pure',
  input: Input,
  output: Output,
  perform: (_context, { template, values }) => ({ text: filled(template, values) }),
}

const place = /\{\{\s*([A-Za-z_][\w.]*)\s*\}\}/g

// A letter with a hole in it is worse than none: all that is missing is told at once.
function filled(template: string, values: Input['values']): string {
  const names = [...template.matchAll(place)].flatMap(([, name]) => name ?? [])
  const missing = [...new Set(names)].filter((name) => valueAt(values, name) === undefined)
  if (missing.length > 0) throw codedError('VALUE_MISSING', `There is no value for ${missing.join(', ')}`)
  return template.replace(place, (_, name: string) => textOf(valueAt(values, name)))
}

function valueAt(values: unknown, path: string): unknown {
  let value = values
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
    value = (value as Readonly<Record<string, unknown>>)[name]
  }
  return value
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  return Array.isArray(value) ? value.map(textOf).join(', ') : JSON.stringify(value)
}
