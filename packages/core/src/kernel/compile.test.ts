import type { Definition, Step } from '@segno/schema/plan'
import { planHash } from '@segno/schema/plan'
import { expect, test } from 'vitest'
import { workflow } from '../../test/kernel/world.ts'
import { compile } from './compile.ts'

const definition = workflow(
  [
    { id: 'a', uses: 'h@2', timeout: '5m' },
    {
      id: 'b',
      do: [{ id: 'c', uses: 'k', retry: { max: 1, on: ['X'], except: ['Y'], maxDelay: '2h', backoff: 'constant' } }],
    },
    { id: 'd', sleep: '${{ input.pause }}' },
  ],
  {
    defaults: { timeout: '15m', retry: { max: 2 } },
    limits: { steps: 7, duration: '2h' },
    finally: [{ id: 'e', set: {} }],
  },
)

test('a plan is named by the hash of its definition, and the same one gives the same plan', () => {
  const plan = compile(definition)
  expect(plan.hash).toBe(planHash(definition))
  expect(compile(structuredClone(definition)).nodes.map(({ id }) => id)).toEqual(plan.nodes.map(({ id }) => id))
})

test('steps are numbered in plan order, the workflow first', () => {
  expect(compile(definition).nodes.map(({ index, id }) => [index, id])).toEqual([
    [0, ''],
    [1, 'a'],
    [2, 'b'],
    [3, 'c'],
    [4, 'd'],
    [5, 'e'],
  ])
})

test('limits and handlers are read once', () => {
  const { stepsMax, durationMs, handlers } = compile(definition)
  expect({ stepsMax, durationMs, handlers: [...handlers] }).toEqual({
    stepsMax: 7,
    durationMs: 7_200_000,
    handlers: ['h', 'k'],
  })
  expect(compile(workflow([]))).toMatchObject({ stepsMax: 100_000, durationMs: undefined })
})

test('defaults reach steps with handlers, never blocks and waits', () => {
  const { byId } = compile(definition).root.unit
  expect(byId.get('a')).toMatchObject({
    timeout: 300_000,
    retry: { max: 2, delayMs: 1000, maxDelayMs: 3_600_000, factor: 2, jitter: true },
  })
  expect(byId.get('c')).toMatchObject({
    timeout: 900_000,
    retry: { max: 1, factor: 1, maxDelayMs: 7_200_000, on: new Set(['X']), except: new Set(['Y']) },
  })
  expect(byId.get('b')).toMatchObject({ timeout: undefined, retry: undefined })
  expect(byId.get('d')).toMatchObject({ timeout: undefined, retry: undefined })
})

test('a child knows by place whom it waits for, and who waits for it', () => {
  const children: Step[] = [
    { id: 'x', set: {} },
    { id: 'y', set: {}, needs: ['x'] },
    { id: 'z', set: {}, needs: ['x', 'y'] },
  ]
  expect(compile(workflow([{ id: 'p', parallel: children }])).root.unit.byId.get('p')).toMatchObject({
    needs: [[], [0], [0, 1]],
    neededBy: [[1, 2], [2], []],
  })
})

test.for<readonly [string, Partial<Definition>, RegExp]>([
  ['an expression', { steps: [{ id: 'a', set: {}, if: '1 +' }] }, /: the expression "1 \+": ./],
  ['a template', { steps: [{ id: 'a', set: { v: '${{ 1 + }}', w: '${{ ) }}' } }] }, /: a template: .+; .+/],
  ['a duration', { steps: [{ id: 'a', sleep: 'a while' }] }, /: the duration "a while"$/],
  ['a delay', { steps: [{ id: 'a', uses: 'h', retry: { max: 1, delay: 'soon' } }] }, /: the duration "soon"$/],
  [
    'a time to leave a state',
    { steps: [{ id: 'a', states: { b: { after: { soon: { to: 'b' } } } }, initial: 'b' }] },
    /: the duration "soon"$/,
  ],
  ['a limit of time', { limits: { duration: 'a while' } }, /: the duration "a while"$/],
  ['a call', { steps: [{ id: 'a', call: 'b' }] }, /: the import "b" is not closed$/],
  [
    'an import that was not read',
    { steps: [{ id: 'a', start: 'b' }], imports: { b: './b.yaml' } },
    /: the import "b" is not closed$/,
  ],
  ['an agent', { steps: [{ id: 'a', agent: 'b', prompt: 'c' }] }, /: this engine has no agents$/],
])('a definition that was not checked is refused: %s', ([, rest, message]) => {
  const refused = { code: 'DEFINITION_INVALID', message: expect.stringMatching(message) as string }
  expect(() => compile(workflow(rest.steps ?? [], rest))).toThrow(expect.objectContaining(refused))
})

test('what calls come to is bounded: each call of a workflow adds all its steps', () => {
  const of = (count: number, step: object): Step[] =>
    Array.from({ length: count }, (_, n) => ({ id: `s${n}`, ...step }) as Step)
  const called = workflow(of(999, { set: {} }))
  expect(() => compile(workflow(of(100, { call: 'called' }), { imports: { called } }))).toThrow(
    expect.objectContaining({
      code: 'DEFINITION_INVALID',
      message: expect.stringMatching(/^The workflow has more than 100000 steps, /) as string,
    }),
  )
})

test('1,000 steps compile in a moment', () => {
  const steps = Array.from({ length: 1000 }, (_, index) => ({
    id: `s${index}`,
    uses: 'h',
    with: { n: '${{ run.id }}' },
  }))
  expect(compile(workflow(steps)).nodes).toHaveLength(1001)
})

test('the schema of an output is at hand for whoever checks it', () => {
  const schema = { type: 'string' }
  expect(compile(workflow([{ id: 'a', uses: 'h', output: { schema } }])).root.unit.byId.get('a')).toMatchObject({
    outputSchema: schema,
  })
})

test('what a workflow may hide is what it and those that it calls declare, and nothing else', () => {
  const secrets = (called: object): readonly string[] =>
    compile(
      workflow([{ id: 'a', call: 'called' }], {
        secrets: ['one'],
        imports: { called: { ...workflow([]), ...called } },
      }),
    ).secrets
  expect(secrets({ secrets: ['one', 'two'] })).toEqual(['one', 'two'])
  expect(secrets({})).toEqual(['one'])
})
