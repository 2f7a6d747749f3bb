import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Narrowed } from './narrowed.ts'
import { booleanType, integerType, nullType, textType, type Type } from './type.ts'
import { union } from './union.ts'

/** What a map that is copied each time would say. */
interface Known {
  readonly narrowed: Narrowed
  readonly plain: ReadonlyMap<string, Type>
}

const names = Array.from({ length: 60 }, (_, index) => `steps.s${index}`)
const name = fc.constantFrom(...names)
const change = fc.oneof(
  { arbitrary: fc.record({ from: fc.nat(), name, type: fc.constantFrom(textType, integerType, nullType) }), weight: 5 },
  fc.record({ from: fc.nat(), hidden: fc.array(name, { maxLength: 4 }) }),
  fc.record({ from: fc.nat(), other: fc.nat() }),
)

function either({ narrowed, plain }: Known, other: Known): Known {
  const both = [...plain].flatMap(([key, type]) => {
    const there = other.plain.get(key)
    return there === undefined ? [] : [[key, type === there ? type : union([type, there])] as const]
  })
  return { narrowed: narrowed.or(other.narrowed), plain: new Map(both) }
}

test('what is known of names is what a copied map would know, whichever places it comes from', () => {
  const check = fc.property(fc.array(change, { maxLength: 120 }), (changes) => {
    const known: Known[] = [{ narrowed: new Narrowed(), plain: new Map() }]
    const at = (index: number): Known => known[known.length - 1 - (index % Math.min(known.length, 4))] as Known
    for (const made of changes) {
      const { narrowed, plain } = at(made.from)
      if ('type' in made) {
        known.push({ narrowed: narrowed.with(made.name, made.type), plain: new Map(plain).set(made.name, made.type) })
      } else if ('other' in made) {
        known.push(either(at(made.from), at(made.other)))
      } else {
        const left = [...plain].filter(([key]) => !made.hidden.includes(key))
        known.push({ narrowed: narrowed.without(made.hidden), plain: new Map(left) })
      }
    }
    for (const { narrowed, plain } of known) {
      expect(new Set(narrowed.names())).toEqual(new Set(plain.keys()))
      for (const each of names) expect(narrowed.get(each)).toEqual(plain.get(each))
    }
  })
  fc.assert(check)
})

test('a thousand names are kept in a few layers: the last and the first are there', () => {
  let narrowed = new Narrowed()
  for (let index = 0; index < 1000; index++) narrowed = narrowed.with(`n${index}`, booleanType)
  expect(narrowed.names()).toHaveLength(1000)
  expect([narrowed.get('n0'), narrowed.get('n999'), narrowed.get('n1000')]).toEqual([
    booleanType,
    booleanType,
    undefined,
  ])
})
