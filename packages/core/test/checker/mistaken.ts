import { loadWorkflow } from '@segno/schema/load'
import type { Diagnostic, Json, JsonObject } from '@segno/schema/plan'
import { Spoiler, unmarked, type Mistake } from './spoiler.ts'
import { hostVerbs, wellTyped, type HandlerFace } from './well-typed.fixture.ts'

/** A definition with one mistake in it, as text, and where that is. */
export interface Mistaken {
  readonly text: string
  readonly imports: ReadonlyMap<string, string>
  readonly handlers: readonly HandlerFace[]
  readonly pointer: string
  /** What stands at the pointer. */
  readonly value: Json | undefined
  /** The range in the text: of what was put there, or of the key or the value at the pointer. */
  readonly start: number
  readonly end: number
}

/** The places of a definition where each kind of mistake could be made. */
export function placesOf(seed: number, choices: number): ReadonlyMap<Mistake, number> {
  const spoiler = new Spoiler()
  wellTyped({ seed, choices, spoiler })
  return spoiler.places
}

/** The definition of that recipe, with that mistake at the `nth` place where it can be made. */
export function mistaken(seed: number, choices: number, mistake: Mistake, nth: number): Mistaken {
  const { definition, handlers } = wellTyped({ seed, choices, spoiler: new Spoiler(mistake, nth) })
  const { imports = {}, ...rest } = definition
  const texts = Object.entries(imports as JsonObject).map(
    ([name, callee]) => [`${name}.json`, JSON.stringify(callee)] as const,
  )
  const paths = Object.fromEntries(Object.keys(imports as JsonObject).map((name) => [name, `./${name}.json`]))
  const whole = texts.length === 0 ? rest : { ...rest, imports: paths }
  const place = placeOf(whole, '')
  if (place === undefined) throw new Error(`no mistake was made: ${mistake}`)
  const { text, start, end } = unmarked(JSON.stringify(withoutNotes(whole), undefined, 1))
  const value = valueAt(JSON.parse(text) as Json, place)
  return { text, imports: new Map(texts), handlers, pointer: place, value, start, end }
}

/** What the checker says of a text. */
export function diagnosticsOf({ text, imports, handlers }: Mistaken, isTyped: boolean): readonly Diagnostic[] {
  const read = (file: string): string | undefined => imports.get(file.replace(/^.*\//, ''))
  return loadWorkflow(text, { handlers: [...handlers, ...hostVerbs], read, typed: isTyped }).diagnostics
}

// The pointer of the text with marks, or of what a step says of itself.
function placeOf(value: Json | undefined, pointer: string): string | undefined {
  if (typeof value === 'string') return value.includes('\u{e000}') ? pointer : undefined
  if (typeof value !== 'object' || value === null) return undefined
  const { 'x-mistake': note } = value as JsonObject
  if (typeof note === 'string') return pointer + note
  for (const [key, inner] of Object.entries(value)) {
    const found = placeOf(inner as Json, `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`)
    if (found !== undefined) return found
  }
  return undefined
}

function valueAt(value: Json, pointer: string): Json | undefined {
  const parts = pointer.split('/').slice(1)
  return parts.reduce<Json | undefined>((inner, part) => {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~')
    return typeof inner === 'object' && inner !== null ? (inner as JsonObject)[key] : undefined
  }, value)
}

function withoutNotes(value: Json | undefined): Json | undefined {
  if (Array.isArray(value)) return (value as readonly Json[]).map((item) => withoutNotes(item) ?? null)
  if (typeof value !== 'object' || value === null) return value
  const { 'x-mistake': note, ...rest } = value as JsonObject
  return note === undefined || note !== ''
    ? Object.fromEntries(Object.entries(rest).map(([key, item]) => [key, withoutNotes(item)]))
    : rest
}
