import { expect, test } from 'vitest'
import { copyJson } from './json-copy.ts'

test('fields that are undefined, and those that a symbol names, are not copied', () => {
  const copied = copyJson({ a: 1, b: undefined, [Symbol('c')]: 2, d: { e: [{ f: undefined }] } })
  expect(copied).toStrictEqual({ a: 1, d: { e: [{}] } })
  expect(Object.getOwnPropertySymbols(copied)).toEqual([])
})

test('nothing of a copy is of the value', () => {
  const value = { list: [{ n: 1 }], inner: { text: 'a' } }
  const copied = copyJson(value)
  expect(copied).toStrictEqual(value)
  value.inner.text = 'b'
  value.list.push({ n: 2 })
  expect(copied).toStrictEqual({ list: [{ n: 1 }], inner: { text: 'a' } })
})

test('a field called __proto__ is a field of the copy', () => {
  const copied = copyJson(JSON.parse('{ "__proto__": { "n": 1 } }'))
  expect(JSON.stringify(copied)).toBe('{"__proto__":{"n":1}}')
  expect(Object.getPrototypeOf(copied)).toBe(Object.prototype)
})

test('what all objects inherit from a careless library is not copied', () => {
  const each = { value: () => undefined, enumerable: true, configurable: true, writable: true }
  Object.defineProperty(Object.prototype, 'each', each)
  const copied = copyJson({ a: 1, b: undefined })
  Reflect.deleteProperty(Object.prototype, 'each')
  expect(copied).toStrictEqual({ a: 1 })
})
