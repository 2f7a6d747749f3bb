import type { Definition } from '../definition.ts'
import { suggestion } from '../diagnostic/suggest.ts'
import type { Mistake } from '../diagnostic/mistake.ts'
import type { Reference } from '../expression/expression.ts'
import { isJsonObject, pointerPart, type Json } from '../json.ts'
import type { DocumentEdit } from '../parse/document-edit.ts'
import { secretSlots } from '../plan/secret-slots.ts'
import type { ExpressionPlace } from './scope.ts'
import type { FieldMistake } from './step-outputs.ts'
import { placesWithUndo, type StepPlace } from './walk.ts'

/** Secrets that steps name and the workflow does not, that nothing uses, and that are written out. */
export function checkSecrets(definition: Definition): Mistake[] {
  const declared = definition.secrets ?? []
  const places = placesWithUndo(definition)
  const used = declared.length === 0 ? new Set<string>() : usedIn(definition, places)
  return [
    ...places.flatMap((place) => [...undeclared(place, declared), ...writtenOut(place)]),
    ...declared.flatMap((name, index): Mistake[] => {
      if (used.has(name)) return []
      const message = `nothing uses the secret "${name}"`
      const pointer = `/secrets/${index}`
      const fixes = [{ title: `remove "${name}"`, edits: [{ op: 'remove' as const, pointer }] }]
      return [{ code: 'UNUSED_SECRET', severity: 'warning', message, pointer, fixes }]
    }),
  ]
}

/**
 * What is wrong with a reference to a secret; `name` is which of its names.
 * `isSlot` tells whether its text is among the `secretTexts` of the place.
 */
export function secretMistake(
  { path }: Reference,
  { pointer, place, secrets }: Pick<ExpressionPlace, 'pointer' | 'place' | 'secrets'>,
  isSlot: boolean,
  declared: readonly string[],
): FieldMistake | undefined {
  const misplaced = { code: 'SECRET_MISPLACED', name: 0 } as const
  if (secrets === undefined) {
    const isInput = (place?.kind === 'call' || place?.kind === 'start') && pointer === `${place.pointer}/with`
    const message = 'the value of a secret would be recorded or shown here'
    const hint = isInput
      ? 'the inputs of a workflow are recorded; let it declare the "secrets" that it uses'
      : 'a secret can be given to "env", to the headers of a request, or to "with" of a handler'
    return { ...misplaced, message, hint }
  }
  if (!isSlot) {
    const form = '"${{ secrets.NAME }}"'
    return secrets === 'whole'
      ? { ...misplaced, message: `in "with", a secret is a text of its own: ${form}` }
      : {
          ...misplaced,
          message: `in "${pointer.endsWith('/http/headers') ? 'headers' : 'env'}", ${form} may have text and other secrets beside it, and nothing else`,
        }
  }
  const [name = ''] = path
  return declared.includes(name) ? undefined : { ...unknown(name, declared), name: 1 }
}

/** The pointers of the texts at a place in which secrets may stand. */
export function secretTexts({ pointer, value, secrets }: ExpressionPlace): ReadonlySet<string> {
  const { slots } = secretSlots(value)
  const fitting = slots.filter(({ parts }) => secrets === 'text' || parts.length === 1)
  return new Set(fitting.map((slot) => pointer + slot.pointer.map(pointerPart).join('')))
}

function unknown(name: string, declared: readonly string[]): Omit<Mistake, 'pointer'> {
  const hint = declared.length === 0 ? `add secrets: [${name}] to the workflow` : undefined
  const near = suggestion(name, declared)
  const declaration: DocumentEdit =
    declared.length === 0
      ? { op: 'add', pointer: '/secrets', value: [name], after: 'name' }
      : { op: 'add', pointer: '/secrets/-', value: name }
  const fixes = [{ title: `declare "${name}"`, edits: [declaration], isSafe: near.replacement === undefined }]
  return { code: 'UNKNOWN_SECRET', message: `there is no secret "${name}"`, hint, ...near, fixes }
}

function undeclared({ step, pointer }: StepPlace, declared: readonly string[]): Mistake[] {
  const names = 'secrets' in step ? (step.secrets ?? []) : []
  return names.flatMap((name, index) =>
    declared.includes(name) ? [] : [{ ...unknown(name, declared), pointer: `${pointer}/secrets/${index}` }],
  )
}

// One that is read where it must not be is told there; it is not unused too.
function usedIn({ steps, finally: last, output }: Definition, places: readonly StepPlace[]): ReadonlySet<string> {
  const read = JSON.stringify([steps, last, output]).matchAll(/\bsecrets\.(\w+)/g)
  const named = places.flatMap(({ step }) => ('secrets' in step ? (step.secrets ?? []) : []))
  return new Set([...named, ...[...read].flatMap(([, name]) => name ?? [])])
}

const written = ['with', 'env', 'exec', 'run', 'http', 'prompt'] as const

function writtenOut({ step, pointer }: StepPlace): Mistake[] {
  // A step is JSON by construction; its type says more than is asked here.
  const fields = step as unknown as Readonly<Record<string, Json | undefined>>
  return written.flatMap((key) => tokensIn(fields[key], `${pointer}/${key}`))
}

function tokensIn(value: Json | undefined, pointer: string): Mistake[] {
  if (typeof value === 'string') return [...value.matchAll(tokens)].map((found) => plainText(found, pointer))
  if (Array.isArray(value)) return value.flatMap((item: Json, index) => tokensIn(item, pointer + pointerPart(index)))
  if (!isJsonObject(value)) return []
  return Object.entries(value).flatMap(([key, field]) => tokensIn(field, pointer + pointerPart(key)))
}

function plainText({ index, 0: { length } }: RegExpExecArray, pointer: string): Mistake {
  const message = 'this looks like a secret that is written out: everybody who reads the file has it'
  const hint = 'declare it under "secrets", and give it as "${{ secrets.NAME }}"'
  const at = { start: index, end: index + length }
  return { code: 'SECRET_IN_PLAIN_TEXT', severity: 'warning', message, hint, pointer, at }
}

// How well-known issuers begin their tokens.
const tokens = new RegExp(
  [
    ...[String.raw`\bgh[pousr]_[A-Za-z0-9]{20,}`, String.raw`\bgithub_pat_\w{20,}`, String.raw`\bsk-[\w-]{20,}`],
    ...[String.raw`\bAKIA[0-9A-Z]{16}\b`, String.raw`\bxox[a-z]-[A-Za-z0-9-]{10,}`],
    '-----BEGIN (?:[A-Z]+ ){0,3}PRIVATE KEY-----',
  ].join('|'),
  'g',
)
