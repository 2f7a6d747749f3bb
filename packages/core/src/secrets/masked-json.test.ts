import type { Json } from '@segno/schema/plan'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { secretMasker } from './secret-masker.ts'

const masker = secretMasker()
masker.add('correct-horse')
masker.add('12345678')
const json = (value: Json): Json => masker.json(value)

describe('in a value, a masker masks', () => {
  test('texts, wherever they are', () => {
    expect(json('is correct-horse')).toBe('is ***')
    expect(json({ a: [1, { b: 'correct-horse' }], c: null, d: true })).toEqual({
      a: [1, { b: '***' }],
      c: null,
      d: true,
    })
  })

  test('keys, in their place', () => {
    expect(JSON.stringify(json({ a: 1, 'x-correct-horse': 2, b: 3 }))).toBe('{"a":1,"x-***":2,"b":3}')
  })

  test('keys that become the same, and loses no field', () => {
    const value = { 'correct-horse': 1, '***': 2, 'correct-horsecorrect-horse': 3, '*** (2)': 4, '12345678': 5 }
    expect(json(value)).toEqual({ '*** (4)': 1, '***': 2, '*** (5)': 3, '*** (2)': 4, '*** (3)': 5 })
  })

  test('numbers, as a text', () => {
    expect(json([12345678, -12345678, 912345678.5, 12345, 1234567, 87654321])).toEqual([
      ...['***', '-***', '9***.5', 12345, 1234567, 87654321],
    ])
  })

  test('what is in a key named __proto__, and gives no object another prototype', () => {
    const masked = json(JSON.parse('{"__proto__":{"a":"correct-horse"}}') as Json)
    expect(JSON.stringify(masked)).toBe('{"__proto__":{"a":"***"}}')
    expect(Object.getPrototypeOf(masked)).toBe(Object.prototype)
  })
})

describe('a value stays itself', () => {
  test('where nothing is found', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(json(value as Json)).toBe(value)
      }),
    )
  })

  test('where nothing is found in that part of it', () => {
    const part = { a: [1, 'text'] }
    const masked = json([part, 'correct-horse', part]) as Json[]
    expect(masked).toEqual([part, '***', part])
    expect(masked[0]).toBe(part)
    expect(masked[2]).toBe(part)
  })

  test('and is not changed where something is', () => {
    const value = Object.freeze({ list: Object.freeze(['correct-horse']) })
    expect(json(value)).toEqual({ list: ['***'] })
    expect(value).toEqual({ list: ['correct-horse'] })
  })

  test('where a field does not exist', () => {
    expect(json({ a: undefined, b: 'correct-horse' })).toEqual({ a: undefined, b: '***' })
  })

  test('while there are no secrets', () => {
    const value = { a: 'correct-horse' }
    expect(secretMasker().json(value)).toBe(value)
  })
})

describe('a value that cannot be read to its end is masked', () => {
  test('whole, where it nests too deep', () => {
    let deep: Json = 'correct-horse'
    for (let i = 0; i < 100_000; i++) deep = [deep]
    expect(json(deep)).toBe('***')
  })

  test('whole, where a getter throws', () => {
    const value = {
      a: 'correct-horse',
      get b(): string {
        throw new Error('correct-horse')
      },
    }
    expect(json(value)).toBe('***')
  })

  test('where it is part of itself', () => {
    const value: Record<string, Json> = { a: 'correct-horse' }
    value['self'] = [value, value]
    expect(json(value)).toEqual({ a: '***', self: ['***', '***'] })
  })

  test('no sooner than one that has the same part many times', () => {
    let wide: Json = 'correct-horse'
    for (let i = 0; i < 64; i++) wide = [wide, wide]
    let masked = json(wide)
    while (Array.isArray(masked)) masked = masked[1] as Json
    expect(masked).toBe('***')
  })
})
