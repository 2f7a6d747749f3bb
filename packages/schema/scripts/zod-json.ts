import * as z from 'zod/mini'
import { Size } from '../src/document/process.ts'
import { CountOrTemplate, Duration, FixedDuration, Slot, Value } from '../src/document/slot.ts'
import { Step, Undo } from '../src/document/step.ts'
import { mapSchemas, type Schema } from './schema.ts'

/** The zod schemas of one file, by the names that they get in it. */
export type Named = Readonly<Record<string, z.core.$ZodType>>

/** What zod says of schemas, each under its name; `root` is referred to as the whole. Draft 2020-12, with editors' keywords. */
export function zodJson(named: Named, root: string): Record<string, Schema> {
  const registry = z.registry<{ id: string }>()
  for (const [id, schema] of Object.entries(named)) registry.add(schema, { id })
  const { schemas } = z.toJSONSchema(registry, {
    target: 'draft-2020-12',
    io: 'input',
    unrepresentable: 'any',
    uri: (id) => (id === root ? '#' : `#/$defs/${id}`),
    override: ({ zodSchema, jsonSchema }) => mend(zodSchema, jsonSchema),
  })
  const { __shared, ...own } = schemas as unknown as Record<string, Schema>
  const shared = (__shared?.['$defs'] ?? {}) as Record<string, Schema>
  return Object.fromEntries(Object.entries(own).map(([id, one]) => [id, withoutHeader(inline(one, shared))]))
}

function withoutHeader({ $schema: _dialect, $id: _id, ...schema }: Schema): Schema {
  return schema
}

// What stands at several places, and has no name, is written out at each.
function inline(schema: Schema, shared: Readonly<Record<string, Schema>>): Schema {
  return mapSchemas(schema, (one) => {
    const [, name] = /#\/\$defs\/__shared#\/\$defs\/(.*)$/.exec(String(one['$ref'])) ?? []
    if (name === undefined) return
    delete one['$ref']
    Object.assign(one, inline(shared[name] ?? {}, shared))
  })
}

const amount = String.raw`\d{1,15}(\.\d{1,9})?`
const short = `(?=.)(${amount}d)?(${amount}h)?(${amount}m(?!s))?(${amount}s)?(${amount}ms)?`
const iso = `P(?=.)(${amount}W)?(${amount}D)?(T(?=\\d)(${amount}H)?(${amount}M)?(${amount}S)?)?`
const template = String.raw`\$\{\{`

/** What zod cannot say of a schema, or says at length. `{}` takes anything. */
const mended: ReadonlyMap<unknown, Schema> = new Map<unknown, Schema>([
  [Value, {}],
  [Step, {}],
  [Undo, {}],
  [Slot, { type: ['string', 'boolean'], minLength: 1 }],
  [CountOrTemplate, { type: ['integer', 'string'], minimum: 1, pattern: template }],
  [Duration, { type: 'string', pattern: `${template}|^(${short}|${iso})$` }],
  [FixedDuration, { type: 'string', pattern: `^(${short}|${iso})$` }],
  [
    Size,
    { type: ['integer', 'string'], minimum: 1, maximum: 8_388_608, pattern: String.raw`^0*[1-9]\d{0,14}(B|KiB|MiB)$` },
  ],
])

type JsonSchema = z.core.JSONSchema.BaseSchema

function mend(zodSchema: z.core.$ZodTypes, schema: JsonSchema): void {
  const instead = mended.get(zodSchema)
  if (instead !== undefined) {
    const { examples } = schema
    for (const keyword of Object.keys(schema)) delete schema[keyword]
    Object.assign(schema, instead, examples && { examples })
  }
  if (zodSchema._zod.def.type === 'object' && typeof schema.additionalProperties === 'object') {
    // A construct refuses unknown keys itself, to say which one was meant.
    schema.additionalProperties = false
    schema.patternProperties = { '^x-': {} }
  }
  tellMistakes(zodSchema, schema)
}

/** Says what is expected in the words of the zod schema, so that an editor and the checker speak alike. */
function tellMistakes(zodSchema: z.core.$ZodType, schema: JsonSchema): void {
  if (unspoken.has(zodSchema._zod.def.type)) return
  // What is wanted of the text says more than that it is a text.
  const ofText = schema.pattern === undefined ? undefined : expectation(zodSchema, ['\u0000', ' ', '', '@', '..'])
  const message = ofText ?? expectation(zodSchema, [undefined, {}])
  if (message !== undefined) schema['errorMessage'] = message
}

// Those of maps would stand in for what is wrong with their keys; those of wrappers are of what they wrap.
const unspoken: ReadonlySet<string> = new Set(['object', 'optional', 'lazy', 'unknown'])

function expectation(zodSchema: z.core.$ZodType, probes: readonly unknown[]): string | undefined {
  for (const probe of probes) {
    const [issue] = z.safeParse(zodSchema, probe).error?.issues ?? []
    const [, what] = /^expected (.*), got /.exec(issue?.message ?? '') ?? []
    if (what !== undefined && issue?.path.length === 0) return `Expected ${what}.`
  }
  return undefined
}
