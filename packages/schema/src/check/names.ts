import type { Definition } from '../definition.ts'
import type { Mistake } from '../diagnostic/mistake.ts'
import { keywords, reservedWords } from '../document/identifier.ts'
import { pointerPart } from '../json.ts'
import { placesWithUndo, type StepPlace } from './walk.ts'

/** Ids that are there twice, and names that expressions could not tell from their own words. */
export function checkNames(definition: Definition): Mistake[] {
  const mistakes: Mistake[] = []
  for (const key of ['input', 'output', 'artifacts'] as const) {
    for (const name of Object.keys(definition[key] ?? {})) {
      mistakes.push(...reserved(name, keywords, `/${key}${pointerPart(name)}`, 'key'))
    }
  }
  for (const [index, name] of (definition.secrets ?? []).entries()) {
    mistakes.push(...reserved(name, keywords, `/secrets/${index}`))
  }
  const firstPlaces = new Map<string, string>()
  for (const place of placesWithUndo(definition)) {
    mistakes.push(...variableMistakes(place))
    // The step that takes back another may have none.
    const id: string | undefined = place.step.id
    if (id === undefined) continue
    const pointer = `${place.pointer}/id`
    mistakes.push(...reserved(id, keywords, pointer))
    const first = firstPlaces.get(id.toLowerCase())
    if (first === undefined) {
      firstPlaces.set(id.toLowerCase(), pointer)
    } else {
      const message = `the id "${id}" is taken, also ignoring case`
      mistakes.push({
        code: 'DUPLICATE_ID',
        message,
        pointer,
        related: [{ message: 'it is taken here', pointer: first }],
      })
    }
  }
  return mistakes
}

const roots: ReadonlySet<string> = new Set([
  ...keywords,
  ...reservedWords,
  ...['input', 'steps', 'run', 'index', 'iteration', 'previous', 'data'],
  ...['artifacts', 'secrets', 'state', 'signal'],
])

function variableMistakes({ step, pointer }: StepPlace): Mistake[] {
  if ('set' in step) {
    return Object.keys(step.set).flatMap((name) =>
      reserved(name, keywords, `${pointer}/set${pointerPart(name)}`, 'key'),
    )
  }
  if ('ask' in step) {
    return Object.keys(step.ask.form ?? {}).flatMap((name) =>
      reserved(name, keywords, `${pointer}/ask/form${pointerPart(name)}`, 'key'),
    )
  }
  if ('forEach' in step && step.forEach.as !== undefined)
    return reserved(step.forEach.as, roots, `${pointer}/forEach/as`)
  if (!('try' in step)) return []
  return (step.catch ?? []).flatMap(({ as }, index) =>
    as === undefined ? [] : reserved(as, roots, `${pointer}/catch/${index}/as`),
  )
}

function reserved(name: string, words: ReadonlySet<string>, pointer: string, at: 'key' | 'value' = 'value'): Mistake[] {
  if (!words.has(name)) return []
  return [{ code: 'RESERVED_NAME', message: `"${name}" is a word of expressions and cannot be a name`, pointer, at }]
}
