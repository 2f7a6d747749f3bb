import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { nodesMax } from './aho-corasick.ts'
import { secretForms } from './secret-forms.ts'
import { secretMasker } from './secret-masker.ts'
import type { SecretMasker } from './secret-masker.ts'

function maskerOf(...secrets: readonly string[]): SecretMasker {
  const masker = secretMasker()
  for (const secret of secrets) masker.add(secret)
  return masker
}

const long = 'text '.repeat(10_000)
const pem = '-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG\nabc\n-----END KEY-----\n'

describe('a masker masks', () => {
  test.for([
    ['a secret', ['correct-horse'], 'is correct-horse.', 'is ***.'],
    ['one that is there twice', ['correct-horse'], 'correct-horse, correct-horse', '***, ***'],
    ['two side by side as one', ['correct-horse', 'battery-staple'], '<correct-horsebattery-staple>', '<***>'],
    ['two that overlap as one', ['abcdefghij', 'ghijklmnop'], '<abcdefghijklmnop>', '<***>'],
    ['one inside of another', ['efghijkl', 'abcdefghijklmnop'], '<abcdefghijklmnop>', '<***>'],
    ['one inside of the beginning of another', ['efghijkl', 'abcdefghijklmnop'], '<abcdefghijklm>', '<abcd***m>'],
    ['one after a false beginning', ['aabaaabaab'], '<aabaaabaaabaab>', '<aaba***>'],
    ['one in a text of other characters', ['schlüssel→😀'], 'ein schlüssel→😀 für 😀', 'ein *** für 😀'],
    ['one that is a byte order mark away from the beginning', ['correct-horse'], '\ufeffcorrect-horse', '\ufeff***'],
    ['one with white space around it by what is in between', [' correct-horse\n'], '(correct-horse)', '(***)'],
    ['one in a long text', ['correct-horse'], `${long}correct-horse${long}`, `${long}***${long}`],
    ['a secret of many lines', [pem], `<${pem.trim()}>`, '<***>'],
    ['each of its lines', [pem], 'MIIEvQIBADANBgkqhkiG', '***'],
    ['its lines, however they are broken', [pem.replaceAll('\n', '\r\n')], 'x\rMIIEvQIBADANBgkqhkiG\n', 'x\r***\n'],
    ['one with half a surrogate pair', ['correct\ud800horse'], '<correct\ud800horse>', '<***>'],
  ] as const)('%s', ([, secrets, text, masked]) => {
    expect(maskerOf(...secrets).text(text)).toBe(masked)
  })

  test('nothing that is only a short line of a secret', () => {
    expect(maskerOf(pem).text('abc, and a line:\nabc\n')).toBe('abc, and a line:\nabc\n')
  })

  test('no line that is hardly more than white space', () => {
    const json = '{\n          "a": 1,\n          "token": "correct-horse"\n          }'
    expect(maskerOf(json).text('{\n          }')).toBe('{\n          }')
  })
})

describe('a value that cannot be masked is refused', () => {
  test.for(['', '*', 'a', '1234567', '      7\n', '           ', '\n\n\n\n\n\n\n\n\n'])('%j', (value) => {
    const masker = secretMasker()
    expect(masker.add(value)).toBe(false)
    expect(masker.isEmpty).toBe(true)
    expect(masker.text(`${value}${value}${value}`)).toBe(`${value}${value}${value}`)
  })

  test('a shortest one is not', () => {
    const masker = secretMasker()
    expect(masker.isEmpty).toBe(true)
    expect(masker.add('12345678')).toBe(true)
    expect(masker.add('12345678')).toBe(true)
    expect(masker.isEmpty).toBe(false)
  })

  test('nor one whose lines are all short: it is masked as a whole', () => {
    expect(maskerOf('abc\ndef\nghi').text('abc\ndef\nghi\ndef')).toBe('***\ndef')
  })

  test('one for which there is no room, and nothing of it takes any', () => {
    const masker = secretMasker()
    expect(masker.add('correct-horse')).toBe(true)
    expect(masker.add('x'.repeat(nodesMax + 1))).toBe(false)
    expect(masker.add('y'.repeat(nodesMax / 4))).toBe(false)
    expect(masker.text('yyyyyyyyyyyyyyyy')).toBe('yyyyyyyyyyyyyyyy')
    expect(masker.add('z'.repeat(2 ** 16))).toBe(true)
    expect(masker.add('battery-staple')).toBe(true)
    expect(masker.text('correct-horse, battery-staple')).toBe('***, ***')
  })
})

test('thousands of secrets are added while texts are masked', () => {
  const masker = secretMasker()
  for (let i = 0; i < 4000; i++) {
    const secret = `secret-number-${i}-${i * 7919}`
    expect(masker.add(secret)).toBe(true)
    expect(masker.text(`<${secret}>`)).toBe('<***>')
  }
  expect(masker.text('<secret-number-17-134623> <secret-number-18-1>')).toBe('<***> <secret-number-18-1>')
})

// What a mask and its surroundings spell by chance is no secret that was left.
const secret = fc.string({ unit: 'grapheme', minLength: 8, maxLength: 40 }).filter((value) => !value.includes('*'))
const lines = fc.array(fc.string({ maxLength: 20 }), { minLength: 2, maxLength: 4 }).map((parts) => parts.join('\n'))
const ofFewLetters = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 8, maxLength: 20 })
const secrets = fc.array(
  fc.oneof(
    secret,
    ofFewLetters,
    lines.filter((value) => !value.includes('*')),
  ),
  { minLength: 1, maxLength: 4 },
)

/** Secrets, and a text that holds forms of them, whole and cut off. */
const leaks = secrets.chain((values) => {
  const forms = values.flatMap((value) => [...secretForms(value)])
  const whole = forms.length === 0 ? fc.string() : fc.constantFrom(...forms)
  const cut = fc.tuple(whole, fc.nat(40), fc.nat(40)).map(([form, from, to]) => form.slice(from, to))
  const text = fc.array(fc.oneof(whole, cut, fc.string({ unit: 'grapheme' })), { maxLength: 12 })
  return text.map((parts) => ({ values, forms, text: parts.join('').toWellFormed() }))
})

describe('whatever the secrets are', () => {
  test('no form of them is left in a text', () => {
    fc.assert(
      fc.property(leaks, ({ values, forms, text }) => {
        const masked = maskerOf(...values).text(text)
        expect(forms.filter((form) => masked.includes(form))).toEqual([])
      }),
      { numRuns: 500 },
    )
  })

  test('exactly what their forms cover is masked', () => {
    fc.assert(
      fc.property(leaks, ({ values, forms, text }) => {
        expect(maskerOf(...values).text(text)).toBe(maskedPlainly(forms, text))
      }),
      { numRuns: 500 },
    )
  })

  test('a text that holds none is given back', () => {
    fc.assert(
      fc.property(secrets, fc.string({ unit: 'binary' }), (values, text) => {
        const forms = values.flatMap((value) => [...secretForms(value)])
        fc.pre(!forms.some((form) => text.includes(form)))
        expect(maskerOf(...values).text(text)).toBe(text)
      }),
    )
  })

  test('texts, keys and values of any kind are masked without an error', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), fc.jsonValue(), (value, text, json) => {
        const masker = maskerOf(value, `${value}${text}`)
        masker.text(text)
        masker.json(json as never)
      }),
    )
  })
})

// The same by the shortest way, for comparison.
function maskedPlainly(forms: readonly string[], text: string): string {
  const isMasked = Array.from({ length: text.length }, () => false)
  for (const form of forms) {
    for (let at = text.indexOf(form); at !== -1; at = text.indexOf(form, at + 1))
      isMasked.fill(true, at, at + form.length)
  }
  return [...isMasked.keys()].map((at) => (!isMasked[at] ? text.charAt(at) : isMasked[at - 1] ? '' : '***')).join('')
}
