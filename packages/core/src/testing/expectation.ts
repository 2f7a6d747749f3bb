import type { StorageFaultCode } from '../ports/storage-fault.ts'

/** What a law throws where it is broken. */
export class LawBroken extends Error {
  override readonly name = 'LawBroken'
}

/** Throws `LawBroken` unless `holds`; `claim` says in a sentence what has to be. */
export function expectThat(holds: boolean, claim: string): void {
  if (!holds) throw new LawBroken(claim)
}

/**
 * Throws `LawBroken` unless both are the same JSON value; the message says where
 * they part. A field that is `undefined` is one that is missing, and -0 is 0.
 */
export function expectEqual(actual: unknown, expected: unknown, claim: string): void {
  const difference = differenceOf(actual, expected)
  if (difference === undefined) return
  const place = difference.path === '' ? '' : `at ${difference.path} `
  throw new LawBroken(`${claim}: ${place}${difference.text}`)
}

/** Throws `LawBroken` unless the work rejects with a fault of this code that wrote nothing. */
export async function expectFault(work: Promise<unknown>, code: StorageFaultCode, claim: string): Promise<void> {
  const error = await rejectionOf(work)
  if (error === undefined) throw new LawBroken(`${claim}: expected a rejection with ${code}, but it was accepted`)
  expectEqual(faultOf(error), { code, ambiguous: false }, claim)
}

/** What the work rejects with; `undefined` if it does not. */
export async function rejectionOf(work: Promise<unknown>): Promise<unknown> {
  try {
    await work
  } catch (error) {
    return error ?? new LawBroken('rejected with nothing')
  }
  return undefined
}

/** The fields by which a storage's fault is judged; the error itself where it has none. */
export function faultOf(error: unknown): unknown {
  if (typeof error !== 'object' || error === null || !('code' in error) || !('ambiguous' in error)) return String(error)
  return { code: error.code, ambiguous: error.ambiguous }
}

/** Where two values part: the way there, and what to say of it. */
interface Difference {
  readonly path: string
  readonly text: string
}

function differenceOf(actual: unknown, expected: unknown): Difference | undefined {
  if (actual === expected) return undefined
  if (!isObject(actual) || !isObject(expected) || Array.isArray(actual) !== Array.isArray(expected)) {
    return { path: '', text: `expected ${shown(expected)}, got ${shown(actual)}` }
  }
  for (const key of Object.keys(expected)) {
    const difference = differenceOf(own(actual, key), own(expected, key))
    if (difference !== undefined) return { path: `[${JSON.stringify(key)}]${difference.path}`, text: difference.text }
  }
  for (const key of Object.keys(actual)) {
    const extra = own(actual, key)
    if (Object.hasOwn(expected, key) || extra === undefined) continue
    return { path: `[${JSON.stringify(key)}]`, text: `expected nothing, got ${shown(extra)}` }
  }
  return undefined
}

function own(value: object, key: string): unknown {
  return Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

const shownMax = 200

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value)
  return text.length > shownMax ? `${text.slice(0, shownMax)}… (${text.length} characters)` : text
}
