import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseTemplate } from '../expression/template.ts'
import type { Json, JsonObject } from '../json.ts'
import { secretName, secretSlots } from './secret-slots.ts'

function evaluated(value: Json, input: JsonObject = {}): Json {
  const parsed = parseTemplate(value)
  if ('mistakes' in parsed) throw new Error(parsed.mistakes.map(({ mistake }) => mistake.message).join())
  return parsed.template.evaluate({
    variable: (name) => (name === 'input' ? input : undefined),
    step: () => undefined,
  })
}

describe('secretSlots', () => {
  test('a reference that is the whole text becomes a slot', () => {
    expect(secretSlots({ TOKEN: '${{ secrets.GITHUB_TOKEN }}', OTHER: 'plain' })).toEqual({
      template: { TOKEN: 'secret://GITHUB_TOKEN', OTHER: 'plain' },
      slots: [{ pointer: ['TOKEN'], parts: [{ secret: 'GITHUB_TOKEN' }] }],
    })
  })

  test('several references in one text keep the text around them', () => {
    expect(secretSlots({ AUTH: '${{secrets.USER}}:${{ secrets.PASS }}@host' })).toEqual({
      template: { AUTH: 'secret://USER:secret://PASS@host' },
      slots: [{ pointer: ['AUTH'], parts: [{ secret: 'USER' }, ':', { secret: 'PASS' }, '@host'] }],
    })
  })

  test('a reference is found however deep it stands', () => {
    const { template, slots } = secretSlots({ hooks: [{ url: 'x' }, { 'a/b': '${{ secrets.KEY }}' }] })
    expect(template).toEqual({ hooks: [{ url: 'x' }, { 'a/b': 'secret://KEY' }] })
    expect(slots).toEqual([{ pointer: ['hooks', 1, 'a/b'], parts: [{ secret: 'KEY' }] }])
  })

  test('a text that is the whole value has the empty pointer', () => {
    expect(secretSlots('${{ secrets.KEY }}').slots).toEqual([{ pointer: [], parts: [{ secret: 'KEY' }] }])
  })

  test('a value without secrets is left as it is', () => {
    const value = { a: '${{ input.a }}', b: [1, true, null], c: '$${{ secrets.KEY }}', d: 'secret://KEY' }
    expect(secretSlots(value)).toEqual({ template: value, slots: [] })
  })

  test('data that says secret://NAME is no slot', () => {
    const { template, slots } = secretSlots({ said: '${{ input.said }}', real: '${{ secrets.KEY }}' })
    expect(evaluated(template, { said: 'secret://KEY' })).toEqual({ said: 'secret://KEY', real: 'secret://KEY' })
    expect(slots.map(({ pointer }) => pointer)).toEqual([['real']])
  })

  test('a secret beside another expression is left alone, and does not evaluate', () => {
    const value = { url: '${{ input.host }}/${{ secrets.KEY }}' }
    expect(secretSlots(value)).toEqual({ template: value, slots: [] })
    expect(() => evaluated(value, { host: 'h' })).toThrow('secrets')
  })

  test('the template of a text gives its parts with the names in place of the values', () => {
    const part = fc.oneof(
      fc.constantFrom('$${{ x }}', '$', '{x', '}}', ' ', 'a', '"', '\n'),
      fc.constantFrom('A', 'B_2').map((secret) => ({ secret })),
    )
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        // A `$` before a mark would make it text.
        const text = parts
          .map((piece) => (typeof piece === 'string' ? piece : `-\${{ secrets.${piece.secret} }}`))
          .join('')
        const { template, slots } = secretSlots(text)
        const [slot] = slots
        const named = slot?.parts
          .map((piece) => (typeof piece === 'string' ? piece : `secret://${piece.secret}`))
          .join('')
        expect(evaluated(template)).toBe(named ?? evaluated(text))
      }),
    )
  })
})

test.for(['secrets', 'secrets.A.b', 'secrets["A"]', 'has(secrets.A)', 'secrets.A == "x"', 'input.A', 'secrets.a-b'])(
  '%s is more than the name of a secret',
  (expression) => {
    expect(secretName(expression)).toBeUndefined()
  },
)
