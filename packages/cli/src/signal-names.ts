import { isJsonObject, type Definition, type Json } from '@segno/schema'

/**
 * The signals that a run of a workflow can ever take, by name: those of `waitFor`
 * and of the states of machines, also in workflows that it calls. `undefined` where
 * one of the names is computed, so that nobody can tell.
 */
export function signalNames(definition: Definition): ReadonlySet<string> | undefined {
  const names = new Set<string>()
  collectFrom(definition, names, new Set())
  return [...names].some((name) => name.includes('${{')) ? undefined : names
}

function collectFrom(definition: Definition, names: Set<string>, seen: Set<Definition>): void {
  if (seen.has(definition)) return
  seen.add(definition)
  const { steps, finally: last = [], imports = {} } = definition
  const called = new Set<string>()
  collect([...steps, ...last] as unknown as Json, names, called)
  for (const name of called) {
    const one = imports[name]
    if (typeof one === 'object') collectFrom(one, names, seen)
  }
}

// Wherever such a key stands: a name too many only keeps a warning back.
function collect(value: Json | undefined, names: Set<string>, called: Set<string>): void {
  if (Array.isArray(value)) for (const item of value) collect(item, names, called)
  if (!isJsonObject(value)) return
  for (const [key, field] of Object.entries(value)) {
    if (key === 'waitFor' && isJsonObject(field) && typeof field['signal'] === 'string') names.add(field['signal'])
    if (key === 'on' && isJsonObject(field)) for (const name of Object.keys(field)) names.add(name)
    if (key === 'call' && typeof field === 'string') called.add(field)
    collect(field, names, called)
  }
}
