import type { DiagnosticCode } from '../diagnostic/diagnostic.ts'
import type { Mistake } from '../diagnostic/mistake.ts'
import { isJsonObject, pointerKeys, type Json } from '../json.ts'

/** What follows from a name that was not read. */
export const namingCodes = [
  ...(['EXPRESSION_SYNTAX', 'UNKNOWN_STEP', 'UNKNOWN_INPUT', 'UNKNOWN_VARIABLE'] as const),
  ...(['STEP_OUT_OF_SCOPE', 'RETURN_OUTPUTS', 'OUTPUT_WITHOUT_VALUE', 'UNKNOWN_SECRET'] as const),
  ...(['UNKNOWN_IMPORT', 'UNKNOWN_STATE', 'UNKNOWN_AGENT', 'UNKNOWN_ARTIFACT', 'MISSING_INPUT'] as const),
] as const satisfies readonly DiagnosticCode[]

/** What of a document could not be read, so that the checks may miss it and nobody is to blame for that. */
export class Doubts {
  readonly #places = new Set<string>()
  readonly #codes = new Set<DiagnosticCode>()
  readonly #words = new Set<string>()
  readonly #names = new Set<string>()
  readonly #steps = new Set<string>()

  /** What stands at this pointer is not what the author wrote. */
  addPlace(pointer: string): void {
    this.#places.add(pointer)
  }

  /** What was not read may be what mistakes of these kinds miss, unless there is another name that is near. */
  addCodes(codes: readonly DiagnosticCode[]): void {
    for (const code of codes) this.#codes.add(code)
  }

  /** A name that is none, as `steps.my-step`: an expression reads it as something else. */
  addName(name: string): void {
    if (name !== '') this.#names.add(name)
  }

  /** A step of which it is not known what it gives. */
  addStep(id: string): void {
    this.#steps.add(id)
  }

  /** All that a value that was taken out may have named. */
  addWords(value: Json | undefined): void {
    if (typeof value === 'string') this.#words.add(value)
    else if (Array.isArray(value)) for (const item of value as readonly Json[]) this.addWords(item)
    else if (isJsonObject(value)) {
      for (const [key, field] of Object.entries(value)) {
        this.#words.add(key)
        this.addWords(field)
      }
    }
  }

  /** Whether a mistake that was found in `root` may come from what is not in it. */
  cause(mistake: Mistake, root: Json): boolean {
    const { code, pointer, replacement, at } = mistake
    if (this.#places.has(pointer) || (this.#codes.has(code) && replacement === undefined)) return true
    if (code === 'OUTPUT_WITHOUT_VALUE') return this.#words.has('return')
    const text = textAt(root, pointer)
    if (code === 'UNKNOWN_FIELD') return [...this.#steps].some((id) => text.includes(`steps.${id}.`))
    if (!namingCodes.some((naming) => naming === code)) return false
    const name = code === 'RETURN_OUTPUTS' || at === 'key' ? keyOf(pointer) : nameIn(text, mistake)
    return this.#words.has(name) || [...this.#names].some((unread) => text.includes(unread))
  }
}

function nameIn(text: string, { at }: Mistake): string {
  return typeof at === 'object' ? text.slice(at.start, at.end) : text
}

function keyOf(pointer: string): string {
  return pointer.slice(pointer.lastIndexOf('/') + 1)
}

function textAt(root: Json, pointer: string): string {
  let value: unknown = root
  for (const key of pointerKeys(pointer)) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return ''
    value = (value as Readonly<Record<string, unknown>>)[key]
  }
  return typeof value === 'string' ? value : ''
}

const declaring =
  /\/(?:input|output|steps|finally|id|as|needs|do|else|default|cases|parallel|try|catch|forEach|repeat|return|states|imports|agents|artifacts|with)$/
const declaringItem = /\/(?:steps|do|else|default|parallel|try|catch|finally|cases\/[^/]*)\/\d+$/

/** Whether what stands at a pointer may name steps, inputs or variables. */
export function mayName(pointer: string): boolean {
  return declaring.test(pointer) || declaringItem.test(pointer)
}
