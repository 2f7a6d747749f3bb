import { isJsonObject, type Definition, type Json } from '@segno/schema'

/**
 * The signals that a workflow can ever take, by name: those of `waitFor` and those
 * under `on`. `undefined` where one of the names is computed, so that nobody can tell.
 */
export function signalNames(definition: Definition): ReadonlySet<string> | undefined {
  const names = new Set<string>()
  collect(definition as unknown as Json, names)
  return [...names].some((name) => name.includes('${{')) ? undefined : names
}

// Wherever such a key stands: a name too many only keeps a warning back.
function collect(value: Json | undefined, names: Set<string>): void {
  if (Array.isArray(value)) for (const item of value) collect(item, names)
  if (!isJsonObject(value)) return
  for (const [key, field] of Object.entries(value)) {
    if (key === 'waitFor' && isJsonObject(field) && typeof field['signal'] === 'string') names.add(field['signal'])
    if (key === 'on' && isJsonObject(field)) for (const name of Object.keys(field)) names.add(name)
    collect(field, names)
  }
}
