import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { MaskedStream } from '../ports/masker.ts'
import { secretForms } from './secret-forms.ts'
import { secretMasker } from './secret-masker.ts'
import type { SecretMasker } from './secret-masker.ts'

function maskerOf(...secrets: readonly string[]): SecretMasker {
  const masker = secretMasker()
  for (const secret of secrets) masker.add(secret)
  return masker
}

const push = (stream: MaskedStream, text: string): string => Buffer.from(stream.push(Buffer.from(text))).toString()
const end = (stream: MaskedStream): string => Buffer.from(stream.end()).toString()

/** A stream that is given bytes in pieces which end at the cuts. */
function passed(stream: MaskedStream, bytes: Uint8Array, cuts: readonly number[]): Buffer {
  const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].toSorted((a, b) => a - b)
  const given: Uint8Array[] = []
  ends.forEach((to, index) => {
    // As a reader does that has one buffer: what was in it is gone when the next piece comes.
    const chunk = Buffer.from(bytes.subarray(ends[index - 1] ?? 0, to))
    given.push(new Uint8Array(stream.push(chunk)))
    chunk.fill('#')
  })
  given.push(stream.end())
  return Buffer.concat(given)
}

describe('a stream', () => {
  test('masks a secret that comes in two chunks, and one that comes byte by byte', () => {
    const stream = maskerOf('correct-horse').stream()
    expect(push(stream, '<correct-')).toBe('<')
    expect(push(stream, 'horse>')).toBe('***>')
    expect('<correct-horse>'.replaceAll(/./g, (character) => push(stream, character))).toBe('<***>')
    expect(end(stream)).toBe('')
  })

  test('holds back no more than what may be the beginning of a secret', () => {
    const stream = maskerOf('correct-horse').stream()
    expect(push(stream, 'a corr')).toBe('a ')
    expect(push(stream, 'ect-cor')).toBe('correct-')
    expect(push(stream, '')).toBe('')
    expect(end(stream)).toBe('cor')
  })

  test('masks what is side by side once, however it comes', () => {
    const stream = maskerOf('correct-horse', 'battery-staple').stream()
    expect(push(stream, '<correct-horse')).toBe('<')
    expect(push(stream, 'battery-staple')).toBe('***')
    expect(push(stream, '>battery-staple')).toBe('>')
    expect(end(stream)).toBe('***')
  })

  test('masks the part of a secret that is sure already, and not what turns out to be something else', () => {
    const stream = maskerOf('efghijkl', 'abcdefghijklmnop').stream()
    expect(push(stream, '<abcdefghijklm')).toBe('<')
    expect(push(stream, 'x>')).toBe('abcd***mx>')
  })

  test('gives on the very chunk that holds nothing', () => {
    const chunk = Buffer.from('nothing of note.')
    const given = maskerOf('correct-horse').stream().push(chunk)
    expect([given.buffer, given.byteOffset, given.length]).toEqual([chunk.buffer, chunk.byteOffset, chunk.length])
  })

  test('gives on everything while there are no secrets', () => {
    const stream = secretMasker().stream()
    expect(push(stream, 'correct-')).toBe('correct-')
    expect(end(stream)).toBe('')
  })

  test('sees secrets that are added while it is open, also in what it holds back', () => {
    const masker = secretMasker()
    const stream = masker.stream()
    expect(push(stream, '<correct-horse> <')).toBe('<correct-horse> <')
    masker.add('correct-horse')
    expect(push(stream, 'correct-horse> correct-ho')).toBe('***> ')
    masker.add('correct-house')
    masker.add('rrect-ho')
    expect(push(stream, 'use correct-ho')).toBe('*** ')
    expect(end(stream)).toBe('co***')
  })

  test('can be gone on with after its end', () => {
    const stream = maskerOf('correct-horse').stream()
    expect(push(stream, 'correct-')).toBe('')
    expect(end(stream)).toBe('correct-')
    expect(push(stream, 'horse correct-horse.')).toBe('horse ***.')
  })
})

const secret = fc.oneof(
  fc.string({ minLength: 8, maxLength: 20 }),
  fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 8, maxLength: 20 }),
  fc.array(fc.string({ unit: 'grapheme', maxLength: 12 })).map((parts) => parts.join('\n')),
)
const secrets = fc.array(
  secret.filter((value) => !value.includes('*')),
  { minLength: 1, maxLength: 3 },
)
const cuts = fc.array(fc.nat(), { maxLength: 20 })

const leaks = secrets.chain((values) => {
  const forms = values.flatMap((value) => [...secretForms(value)]).map((form) => Buffer.from(form))
  const whole = forms.length === 0 ? fc.constant(Buffer.of()) : fc.constantFrom(...forms)
  const cut = fc.tuple(whole, fc.nat(40), fc.nat(40)).map(([form, from, to]) => form.subarray(from, to))
  const bytes = fc.array(fc.oneof(whole, cut, fc.uint8Array()), { maxLength: 12 }).map((parts) => Buffer.concat(parts))
  return bytes.map((bytes) => ({ values, forms, bytes }))
})

describe('whatever the chunks are', () => {
  test('no form of a secret is left in a stream', () => {
    fc.assert(
      fc.property(leaks, cuts, ({ values, forms, bytes }, cuts) => {
        const masked = passed(maskerOf(...values).stream(), bytes, cuts)
        expect(forms.filter((form) => masked.includes(form))).toEqual([])
      }),
      { numRuns: 500 },
    )
  })

  test('exactly what the forms cover is masked', () => {
    fc.assert(
      fc.property(leaks, cuts, ({ values, forms, bytes }, cuts) => {
        const masked = passed(maskerOf(...values).stream(), bytes, cuts)
        expect(masked.toString('latin1')).toBe(maskedPlainly(forms, bytes))
      }),
      { numRuns: 500 },
    )
  })

  test('bytes that hold no secret come out as they went in, also where they are no text', () => {
    fc.assert(
      fc.property(secrets, fc.uint8Array({ maxLength: 300 }), cuts, (values, bytes, cuts) => {
        expect(passed(maskerOf(...values).stream(), bytes, cuts).equals(bytes)).toBe(true)
      }),
    )
  })
})

// The same by the shortest way, for comparison.
function maskedPlainly(forms: readonly Buffer[], bytes: Buffer): string {
  const isMasked = Array.from(bytes, () => false)
  for (const form of forms) {
    for (let at = bytes.indexOf(form); at !== -1; at = bytes.indexOf(form, at + 1)) {
      isMasked.fill(true, at, at + form.length)
    }
  }
  return Array.from(bytes, (byte, at) => {
    if (!isMasked[at]) return String.fromCharCode(byte)
    return isMasked[at - 1] ? '' : '***'
  }).join('')
}
