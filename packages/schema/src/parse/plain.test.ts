import { describe, expect, test } from 'vitest'
import { parseDefinition } from './plain.ts'

const definition = { segno: 1, name: 'test', steps: [{ id: 'a', set: { x: 1 } }] }

function told(value: unknown): string[] {
  return parseDefinition(value).diagnostics.map(({ code, pointer }) => `${code} ${pointer}`)
}

function deep(levels: number): unknown {
  return levels === 0 ? 1 : [deep(levels - 1)]
}

describe('a definition from code', () => {
  test('is copied, so that nobody can change it afterwards', () => {
    const parsed = parseDefinition(definition)
    expect(parsed).toEqual({ definition, diagnostics: [] })
    expect(parsed.definition?.steps).not.toBe(definition.steps)
  })

  test('may have fields that are undefined: they do not exist', () => {
    const parsed = parseDefinition({
      ...definition,
      version: undefined,
      steps: [{ id: 'a', set: {}, title: undefined }],
    })
    expect(parsed.definition).toStrictEqual({ segno: 1, name: 'test', steps: [{ id: 'a', set: {} }] })
  })

  test('has the shape that a text has', () => {
    expect(told({ ...definition, steps: [{ id: 'a', set: {}, sleep: '1s' }], finaly: [] })).toEqual([
      'TWO_VERBS /steps/0',
      'UNKNOWN_KEY /finaly',
    ])
  })

  const cyclic: { steps: unknown[] } = { ...definition, steps: [] }
  cyclic.steps.push(cyclic)

  test.for<[string, unknown, string]>([
    ['a value that holds itself', cyclic, 'NOT_JSON /steps/0'],
    ['a function', { ...definition, name: () => 'a' }, 'NOT_JSON /name'],
    ['a bigint', { ...definition, segno: 1n }, 'NOT_JSON /segno'],
    ['a date', { ...definition, name: new Date(0) }, 'NOT_JSON /name'],
    ['undefined in a list', { ...definition, steps: [undefined] }, 'NOT_JSON /steps/0'],
    ['NaN', { ...definition, segno: Number.NaN }, 'NUMBER_OUT_OF_RANGE /segno'],
    ['an integer beyond 2^53-1', { ...definition, segno: 2 ** 53 }, 'NUMBER_OUT_OF_RANGE /segno'],
    ['a forbidden key', { ...definition, ['__proto__']: 1 }, 'FORBIDDEN_KEY /__proto__'],
    ['half of a surrogate pair', { ...definition, name: 'a\ud800' }, 'TEXT_NOT_UNICODE /name'],
    ['65 levels', { ...definition, 'x-deep': deep(64) }, `TOO_DEEP /x-deep${'/0'.repeat(63)}`],
    ['100,000 values', { ...definition, steps: Array.from({ length: 100_000 }, () => 1) }, 'TOO_MANY_NODES '],
  ])('is refused with %s', ([, value, expected]) => {
    expect(told(value)).toEqual([expected])
  })

  test('may hold one object twice, which is no cycle', () => {
    const shared = { x: 1 }
    expect(
      told({
        ...definition,
        steps: [
          { id: 'a', set: shared },
          { id: 'b', set: shared },
        ],
      }),
    ).toEqual([])
  })
})
