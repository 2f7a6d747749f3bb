import { describe, expect, test } from 'vitest'
import type { Definition, Step } from '../definition.ts'
import { diffDefinitions } from './diff-definitions.ts'
import { diffValues } from './diff-values.ts'

const set = (id: string, value = 1): Step => ({ id, set: { value } })
const workflow = (steps: readonly Step[], header: Partial<Definition> = {}): Definition => ({
  segno: 1,
  name: 'w',
  ...header,
  steps,
})

describe('two values differ', () => {
  test.for<[string, Parameters<typeof diffValues>, ReturnType<typeof diffValues>]>([
    ['in nothing where they are equal', [{ a: [1, { b: null }] }, { a: [1, { b: null }] }], []],
    [
      'leaf by leaf',
      [
        { a: 1, 'x/y': { c: 'old' } },
        { a: 1, 'x/y': { c: 'new' } },
      ],
      [{ pointer: '/x~1y/c', before: 'old', after: 'new' }],
    ],
    [
      'in what is there on one side only',
      [{ a: 1 }, { b: null }],
      [
        { pointer: '/a', before: 1 },
        { pointer: '/b', after: null },
      ],
    ],
    [
      'by position in lists',
      [
        [1, 2],
        [1, 3, 4],
      ],
      [
        { pointer: '/1', before: 2, after: 3 },
        { pointer: '/2', after: 4 },
      ],
    ],
    ['as a whole where the kind is another', [[], {}], [{ pointer: '', before: [], after: {} }]],
    ['where one is missing', [undefined, { a: 1 }], [{ pointer: '', after: { a: 1 } }]],
  ])('%s', ([, values, changes]) => {
    expect(diffValues(...values)).toEqual(changes)
  })
})

describe('two definitions', () => {
  test('are the same plan however they are written', () => {
    const one = workflow([{ id: 'a', sleep: '60s' }])
    const other = workflow([{ id: 'a', sleep: 'PT1M', 'x-note': 'why' } as Step])

    expect(diffDefinitions(one, other)).toEqual({ same: true, reorderOnly: false, header: [], steps: [] })
  })

  test('differ in steps that were added, removed and changed, and in the rest', () => {
    const before = workflow([set('a'), set('b'), set('c')], { description: 'old' })
    const after = workflow([set('a', 2), set('d'), set('c')], { description: 'new' })

    expect(diffDefinitions(before, after)).toEqual({
      same: false,
      reorderOnly: false,
      header: [{ pointer: '/description', before: 'old', after: 'new' }],
      steps: [
        { id: 'a', change: 'kept', fields: [{ pointer: '/set/value', before: 1, after: 2 }], reordered: false },
        { id: 'd', change: 'added', list: 'steps', kind: 'set' },
        { id: 'b', change: 'removed', list: 'steps', kind: 'set' },
      ],
    })
  })

  test('that differ in their order alone say so, and name as few steps as can be', () => {
    const before = workflow([set('a'), set('b'), set('c'), set('d')])
    const after = workflow([set('b'), set('c'), set('d'), set('a')])

    expect(diffDefinitions(before, after)).toEqual({
      same: false,
      reorderOnly: true,
      header: [],
      steps: [{ id: 'a', change: 'kept', fields: [], reordered: true }],
    })
  })

  test('show a step that moved into a block as moved, and not as new', () => {
    const before = workflow([set('a'), { id: 'g', do: [set('b')] }])
    const after = workflow([{ id: 'g', do: [set('b'), set('a')] }])

    expect(diffDefinitions(before, after).steps).toEqual([
      { id: 'a', change: 'kept', fields: [], moved: { from: 'steps', to: 'g/do' }, reordered: false },
    ])
  })

  test('show what changed inside of every kind of block at the step that it is about', () => {
    const nested = (value: number): Definition =>
      workflow([
        { id: 'm', match: 'input.x', cases: { one: [set('c1', value)] }, default: [set('c2', value)] } as Step,
        { id: 's', initial: 'a', states: { a: { do: [set('s1', value)] } } } as Step,
        { id: 't', try: [set('t1', value)], catch: [{ do: [set('t2', value)] }], finally: [set('t3', value)] } as Step,
        { id: 'i', if: 'true', do: [set('i1', value)], else: [set('i2', value)] } as Step,
      ])

    const { steps } = diffDefinitions(nested(1), nested(2))
    expect(steps.map(({ id }) => id)).toEqual(['c1', 'c2', 's1', 't1', 't2', 't3', 'i1', 'i2'])
  })
})
