import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fits } from './fits.ts'
import { intersect, widen, without } from './intersect.ts'
import { absent, present, refineAt } from './refine.ts'
import { sameType } from './same-type.ts'
import { anyLiteral, anyPath, anyTypeOf, copyOf, hasType, valueAt, valueNear } from './type.fixture.ts'
import { literalType, neverType, nullType, type Type } from './type.ts'
import { union } from './union.ts'

const numRuns = process.env['SEGNO_DEEP'] === '1' ? 10_000 : 1000

const pair = fc.tuple(anyTypeOf(), anyTypeOf())
const withValue = (types: readonly Type[]) => valueNear(...types).map((value) => ({ types, value }))
const two = pair.chain(withValue)
const one = anyTypeOf().chain((type) => valueNear(type).map((value) => ({ type, value })))

test('a union has the values of its members and no others', () => {
  const types = fc.array(anyTypeOf({ withAny: true }), { maxLength: 4 }).chain(withValue)
  fc.assert(
    fc.property(types, ({ types, value }) => {
      expect(hasType(value, union(types))).toBe(types.some((type) => hasType(value, type)))
    }),
    { numRuns },
  )
})

test('a union has no union, no never and nothing twice in it', () => {
  fc.assert(
    fc.property(fc.array(anyTypeOf(), { maxLength: 5 }), (types) => {
      const whole = union(types)
      const members = whole.kind === 'union' ? whole.members : [whole]
      expect(members.filter(({ kind }) => kind === 'union' || (kind === 'never' && types.length > 0))).toEqual([])
      const repeated = members.filter((type, index) => members.slice(0, index).some((other) => sameType(type, other)))
      expect(repeated).toEqual([])
      expect(union([whole, ...types])).toBe(whole)
    }),
    { numRuns },
  )
})

test('what two types have in common are the values that have both', () => {
  fc.assert(
    fc.property(fc.tuple(anyTypeOf({ withAny: true }), anyTypeOf({ withAny: true })).chain(withValue), (drawn) => {
      const [a = neverType, b = neverType] = drawn.types
      expect(hasType(drawn.value, intersect(a, b))).toBe(hasType(drawn.value, a) && hasType(drawn.value, b))
    }),
    { numRuns },
  )
})

test('a type has in common with itself the type itself', () => {
  fc.assert(
    fc.property(anyTypeOf(), (type) => {
      expect(intersect(type, type)).toBe(type)
      expect(union([type, type])).toBe(type)
    }),
  )
})

test('without a value there are all others, and it is not there unless among endlessly many', () => {
  fc.assert(
    fc.property(one, anyLiteral, ({ type, value }, taken) => {
      const left = without(type, taken)
      if (value !== taken) expect(hasType(value, left)).toBe(hasType(value, type))
      const members = type.kind === 'union' ? type.members : [type]
      if (!members.some(({ kind }) => kind === 'text' || kind === 'number')) expect(hasType(taken, left)).toBe(false)
    }),
    { numRuns },
  )
})

test('a type that is widened takes in what it was', () => {
  fc.assert(
    fc.property(one, ({ type, value }) => {
      const wide = widen(type)
      if (hasType(value, type)) expect(hasType(value, wide)).toBe(true)
      expect(fits(type, wide)).toBe(undefined)
      expect(widen(wide)).toBe(wide)
    }),
    { numRuns },
  )
})

test('a path is present in the values in which it leads to something', () => {
  fc.assert(
    fc.property(one, anyPath, ({ type, value }, path) => {
      const has = hasType(value, type) && valueAt(value, path) !== undefined
      expect(hasType(value, present(type, path))).toBe(has)
    }),
    { numRuns },
  )
})

test('a path is absent from the values in which it leads to nothing', () => {
  fc.assert(
    fc.property(one, anyPath, ({ type, value }, path) => {
      const left = absent(type, path)
      const leadsNowhere = hasType(value, type) && valueAt(value, path) === undefined
      // That a list ends before some element, or what is in one that may be there, no type says.
      const isExact = path.every((key) => typeof key === 'string')
      if (isExact || leadsNowhere) expect(hasType(value, left)).toBe(leadsNowhere)
      else if (hasType(value, left)) expect(hasType(value, type)).toBe(true)
    }),
    { numRuns },
  )
})

test('what is known of a place in a value is known of the value', () => {
  fc.assert(
    fc.property(two, anyPath, ({ types: [type = neverType, known = neverType], value }, path) => {
      const there = valueAt(value, path)
      const has = hasType(value, type) && there !== undefined && hasType(there, known)
      const refined = refineAt(type, path, (inner) => intersect(inner, known))
      expect(hasType(value, refined)).toBe(has)
    }),
    { numRuns },
  )
})

test('a discriminant tells the members of a union apart', () => {
  fc.assert(
    fc.property(one, anyLiteral, ({ type, value }, tag) => {
      const wanted = tag === null ? nullType : literalType(tag)
      const has = hasType(value, type) && valueAt(value, ['kind']) === tag
      expect(
        hasType(
          value,
          refineAt(type, ['kind'], (inner) => intersect(inner, wanted)),
        ),
      ).toBe(has)
    }),
    { numRuns },
  )
})

test('each type fits itself, what it is one of, and what it has been narrowed from', () => {
  fc.assert(
    fc.property(pair, ([a, b]) => {
      expect(fits(a, copyOf(a))).toBe(undefined)
      expect(fits(a, union([a, b]))).toBe(undefined)
      expect(fits(b, union([a, b]))).toBe(undefined)
      expect(fits(intersect(a, b), a)).toBe(undefined)
      expect(fits(intersect(a, b), b)).toBe(undefined)
    }),
    { numRuns },
  )
})

test('what fits what fits a third fits the third', () => {
  let chains = 0
  fc.assert(
    fc.property(pair, anyTypeOf(), ([a, b], c) => {
      for (const [one, other, third] of [
        [a, b, c],
        [a, union([a, b]), union([c, b, a])],
        [intersect(a, b), b, c],
        [intersect(a, b), a, widen(a)],
      ] as const) {
        if (fits(one, other) || fits(other, third)) continue
        chains++
        expect(fits(one, third)).toBe(undefined)
      }
    }),
    { numRuns },
  )
  expect(chains).toBeGreaterThan(numRuns)
})

test('a value of a type that fits another has that one too', () => {
  fc.assert(
    fc.property(two, ({ types: [a = neverType, b = neverType], value }) => {
      let fitting = 0
      for (const wanted of [b, union([b, intersect(a, b)]), widen(a)]) {
        // As text a time is another value.
        if (fits(a, wanted) || !hasType(value, a) || !isJson(value)) continue
        fitting++
        expect(hasType(value, wanted)).toBe(true)
      }
      fc.pre(fitting > 0)
    }),
    { numRuns: numRuns / 4 },
  )
})

test('what does not fit is told in the place where it is', () => {
  fc.assert(
    fc.property(pair, ([a, b]) => {
      const misfit = fits(a, b)
      if (misfit === undefined || misfit.reason !== 'type') return
      expect(fits(misfit.found, misfit.expected)).toBeDefined()
    }),
    { numRuns },
  )
})

test('two types are the same if they are written the same', () => {
  fc.assert(
    fc.property(two, ({ types: [a = neverType, b = neverType], value }) => {
      expect(sameType(a, copyOf(a))).toBe(true)
      expect(sameType(a, b)).toBe(sameType(b, a))
      if (sameType(a, b)) expect(hasType(value, a)).toBe(hasType(value, b))
    }),
    { numRuns },
  )
})

function isJson(value: unknown): boolean {
  return !JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? 'time' : part))?.includes('"time"')
}
