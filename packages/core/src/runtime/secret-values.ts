import type { Json, SecretSlot } from '@segno/schema/plan'
import type { Secrets } from '../ports/secrets.ts'
import { secretCharactersMin } from '../secrets/secret-masker.ts'
import type { SecretMasker } from '../secrets/secret-masker.ts'
import { copyJson } from './json-copy.ts'

/** Resolves secrets for attempts; whatever it gives is masked from then on. */
export class SecretValues {
  readonly masker: SecretMasker
  readonly #port: Secrets | undefined

  constructor(port: Secrets | undefined, masker: SecretMasker) {
    this.#port = port
    this.masker = masker
  }

  /** The value of a secret. Rejects with `SECRET_MISSING` and `SECRET_UNMASKABLE`, and with what the host's port throws. */
  async get(name: string): Promise<string> {
    const value = await this.#port?.get(name)
    if (value === undefined || value === '')
      throw new SecretProblem('SECRET_MISSING', `the secret ${name} has no value`)
    if (this.masker.add(value)) return value
    const why =
      value.trim().length < secretCharactersMin
        ? `it has fewer than ${secretCharactersMin} characters`
        : 'it is too long'
    const message = `the secret ${name} cannot be masked: ${why}`
    throw new SecretProblem('SECRET_UNMASKABLE', message)
  }

  /** Which of the names have no value. */
  async missing(names: readonly string[]): Promise<string[]> {
    const found = await Promise.all(names.map(async (name) => [name, await this.#port?.get(name)] as const))
    return found.flatMap(([name, value]) => (value === undefined || value === '' ? [name] : []))
  }

  /** A copy of an input with the values of secrets in their places. */
  async putInto(input: Json, slots: readonly SecretSlot[]): Promise<Json> {
    const texts = await Promise.all(
      slots.map(async ({ parts }) => (await Promise.all(parts.map((part) => this.#text(part)))).join('')),
    )
    const copy = copyJson(input) as Json
    slots.forEach(({ pointer }, index) => put(copy, pointer, texts[index] ?? ''))
    return copy
  }

  async #text(part: SecretSlot['parts'][number]): Promise<string> {
    return typeof part === 'string' ? part : await this.get(part.secret)
  }
}

/** Why a step cannot have its secret; an operator can mend it, another attempt cannot. */
export class SecretProblem extends Error {
  override readonly name = 'SecretProblem'
  readonly code: 'SECRET_MISSING' | 'SECRET_UNMASKABLE'
  readonly retryable = false

  constructor(code: SecretProblem['code'], message: string) {
    super(message)
    this.code = code
  }
}

function put(json: Json, pointer: readonly (string | number)[], text: string): void {
  let place = json as Record<string | number, Json>
  for (const key of pointer.slice(0, -1)) place = place[key] as Record<string | number, Json>
  const last = pointer.at(-1)
  if (last !== undefined) place[last] = text
}
