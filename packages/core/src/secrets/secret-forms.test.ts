import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formBytesMin } from './aho-corasick.ts'
import { secretForms } from './secret-forms.ts'

const value = 'pä/ß "w<o>r"d\\+~!(=)😀'
const forms = [...secretForms(value)]
const bytes = Buffer.from(value)

describe('a secret is told by', () => {
  test.for([
    ['its value', value],
    ['JSON', 'pä/ß \\"w<o>r\\"d\\\\+~!(=)😀'],
    ['JSON that escapes the slash', 'pä\\/ß \\"w<o>r\\"d\\\\+~!(=)😀'],
    ['JSON in ASCII', 'p\\u00e4/\\u00df \\"w<o>r\\"d\\\\+~!(=)\\ud83d\\ude00'],
    ['JSON in ASCII that escapes the slash', 'p\\u00e4\\/\\u00df \\"w<o>r\\"d\\\\+~!(=)\\ud83d\\ude00'],
    ['JSON in ASCII in upper case', 'p\\u00E4/\\u00DF \\"w<o>r\\"d\\\\+~!(=)\\uD83D\\uDE00'],
    ['JSON that spares HTML', 'pä/ß \\"w\\u003co\\u003er\\"d\\\\+~!(=)😀'],
    ['a component of an URL', encodeURIComponent(value)],
    ['a component of an URL in lower case', 'p%c3%a4%2f%c3%9f%20%22w%3co%3er%22d%5c%2b~!(%3d)%f0%9f%98%80'],
    ['a component as RFC 3986 has it', 'p%C3%A4%2F%C3%9F%20%22w%3Co%3Er%22d%5C%2B~%21%28%3D%29%F0%9F%98%80'],
    ['a path as RFC 3986 has it', 'p%C3%A4/%C3%9F%20%22w%3Co%3Er%22d%5C%2B~%21%28%3D%29%F0%9F%98%80'],
    ['a field of a form', new URLSearchParams({ '': value }).toString().slice(1)],
    ['a field of a form in lower case', 'p%c3%a4%2f%c3%9f+%22w%3co%3er%22d%5c%2b%7e%21%28%3d%29%f0%9f%98%80'],
    ['a whole URL', encodeURI(value)],
    ['hexadecimal digits', bytes.toString('hex')],
    ['hexadecimal digits in upper case', bytes.toString('hex').toUpperCase()],
  ] as const)('%s', ([, form]) => {
    expect(forms).toContain(form)
  })

  test('each of its lines, in the same forms', () => {
    const line = 'second "line"'
    const all = [...secretForms(`first\n  ${line}\r\nthird`)]
    expect(all).toEqual(expect.arrayContaining([...secretForms(line)]))
    expect(all).not.toContain('first')
    expect(all).not.toContain('third')
  })

  test('the lines of its base64, as PEM and MIME break it', () => {
    const long = [...secretForms('a'.repeat(60))]
    expect(long).toContain('YWFh'.repeat(16))
    expect(long).toContain('YWFh'.repeat(19))
    expect(long).not.toContain('YWFh')
  })
})

describe.each(['base64', 'base64url'] as const)('a secret inside of %s', (encoding) => {
  test('is found whatever stands before and after it, but for the characters that it shares with that', () => {
    const part = fc.uint8Array({ maxLength: 8 })
    const secret = fc.string({ unit: 'grapheme', minLength: 8, maxLength: 30 }).filter((text) => text.trim() === text)
    fc.assert(
      fc.property(part, secret, part, (before, text, after) => {
        const encoded = Buffer.concat([before, Buffer.from(text), after]).toString(encoding)
        const found = [...secretForms(text)].filter((form) => encoded.includes(form))
        const longest = Math.max(0, ...found.map((form) => form.length))
        // Of the bits of the secret, at most 5 at either end are told together with others.
        expect(longest * 6).toBeGreaterThanOrEqual(Buffer.byteLength(text) * 8 - 10)
      }),
    )
  })
})

test('no form is shorter than what can be looked for', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
      const forms = [...secretForms(text)]
      expect(forms.filter((form) => form.length < formBytesMin || !form.isWellFormed())).toEqual([])
    }),
  )
})
