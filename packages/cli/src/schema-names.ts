import { isJsonObject, type Definition, type Json, type JsonObject } from '@segno/schema'
import { askMore, schemaAt, type EditorSchema, type WorkflowSchema } from './schema-published.ts'

/** What a workflow has names for. */
export interface Names {
  /** Of steps inside of `parallel`. */
  readonly siblings: readonly string[]
  readonly states: readonly string[]
  readonly signals: readonly string[]
  readonly agents: readonly string[]
  readonly secrets: readonly string[]
  /** The inputs of what is imported, by the name of the import; none where it cannot be read. */
  readonly imports: Readonly<Record<string, JsonObject>>
}

/** The names in a workflow that was written down. `inputs` gives those of an import, as far as it can be read. */
export function namesOf(definition: Definition, inputs: (path: string) => JsonObject | undefined): Names {
  const { imports = {}, agents = {}, secrets = [], ...rest } = definition
  const found: Found = { siblings: new Set(), states: new Set(), signals: new Set() }
  collect(rest as unknown as Json, found)
  const called = Object.entries(imports).map(([name, one]) => {
    const own = typeof one === 'string' ? inputs(one) : (one.input as JsonObject | undefined)
    return [name, own ?? {}] as const
  })
  return {
    siblings: [...found.siblings],
    states: [...found.states],
    signals: [...found.signals].filter((name) => !name.includes('${{')),
    agents: Object.keys(agents),
    secrets,
    imports: Object.fromEntries(called),
  }
}

type Found = Readonly<Record<'siblings' | 'states' | 'signals', Set<string>>>

// Wherever such a key stands: a name too many is only one more that is offered.
function collect(value: Json | undefined, found: Found): void {
  if (Array.isArray(value)) for (const item of value) collect(item, found)
  if (!isJsonObject(value)) return
  for (const [key, field] of Object.entries(value)) {
    if (key === 'parallel' && Array.isArray(field)) for (const step of field) add(found.siblings, step, 'id')
    if (key === 'waitFor' || key === 'emit') add(found.signals, field, 'signal')
    if (key === 'states' && isJsonObject(field)) {
      for (const [name, state] of Object.entries(field)) {
        found.states.add(name)
        const on = isJsonObject(state) ? state['on'] : undefined
        if (isJsonObject(on)) for (const signal of Object.keys(on)) found.signals.add(signal)
      }
    }
    collect(field, found)
  }
}

function add(names: Set<string>, value: Json | undefined, key: string): void {
  const name = isJsonObject(value) ? value[key] : undefined
  if (typeof name === 'string') names.add(name)
}

/**
 * Offers names where they can stand. None is asked for: a name that was written since is no mistake. Written in place.
 */
export function addNames(schema: WorkflowSchema, names: Names): void {
  const at = (...path: readonly string[]): EditorSchema => schemaAt(schema, 'definitions', ...path)
  offer(at('needs', 'items'), names.siblings)
  offer(at('call'), Object.keys(names.imports))
  offer(at('start'), Object.keys(names.imports))
  offer(at('agent'), names.agents)
  offer(at('SecretNames', 'items'), names.secrets)
  offer(at('StatesStep', 'properties', 'initial'), names.states)
  for (const to of transitionsOf(at('states'))) offer(to, names.states)
  offer(at('waitFor', 'properties', 'signal'), names.signals)
  offer(at('emit', 'properties', 'signal'), names.signals)
  for (const step of ['CallStep', 'CallUndo']) askMore(at(step), inputsOf('call', names.imports))
  askMore(at('StartStep'), inputsOf('start', names.imports))
}

function offer(schema: EditorSchema, names: readonly string[]): void {
  if (names.length > 0) schema['examples'] = names
}

function transitionsOf(schema: unknown): readonly EditorSchema[] {
  if (typeof schema !== 'object' || schema === null) return []
  return Object.entries(schema).flatMap(([name, one]) => (name === 'to' ? [one as EditorSchema] : transitionsOf(one)))
}

function inputsOf(verb: string, imports: Names['imports']): readonly EditorSchema[] {
  return Object.entries(imports).map(([name, inputs]) => ({
    if: { required: [verb], properties: { [verb]: { enum: [name] } } },
    then: { properties: { with: { properties: described(inputs) } } },
  }))
}

function described(inputs: JsonObject): EditorSchema {
  return Object.fromEntries(Object.entries(inputs).map(([name, input]) => [name, offered(input)]))
}

// Its type is not asked for: the checker does that, with what the other file says now.
function offered(input: Json | undefined): EditorSchema {
  if (!isJsonObject(input)) return {}
  const { title, description, type, enum: values, optional, default: otherwise } = input
  const text = [title, description].filter((part) => typeof part === 'string').join(': ')
  const facts = [
    ...(type === undefined ? [] : [Array.isArray(type) ? type.join(' or ') : String(type)]),
    ...(optional === true ? ['optional'] : []),
    ...(otherwise === undefined ? [] : [`${JSON.stringify(otherwise)} unless given`]),
  ]
  return {
    description: [text, facts.join(', ')].filter((part) => part !== '').join(' · '),
    ...(Array.isArray(values) && { examples: values }),
  }
}
