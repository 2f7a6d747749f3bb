import { describe, expect, test } from 'vitest'
import { loadDefinition, loadWorkflow } from '../load.ts'

/** Codes and places of a state machine, without what it stands in. */
function told(states: object, more: object = {}): string[] {
  const steps = [{ id: 'm', states, initial: 'a', ...more }]
  const { diagnostics } = loadDefinition({ segno: 1, name: 'test', steps })
  return diagnostics.map(({ code, severity, pointer }) => `${code} ${severity} ${pointer.replace('/steps/0', '')}`)
}

const set = (id: string, value: unknown = 1): object => ({ id, set: { x: value } })
const reads = (id: string, name: string): object => set(id, `\${{ ${name} }}`)

describe('a state machine', () => {
  test('goes to states that are there, by one transition or by several', () => {
    const states = {
      a: { on: { go: { to: 'b' } }, after: { '1h': [{ to: 'c', if: true }] } },
      b: { next: [{ to: 'a', if: '1 < 2' }, { to: 'c' }] },
      c: {},
    }
    expect(told(states)).toEqual([])
  })

  test.for<[string, object, string]>([
    ['initial', { b: {} }, '/initial'],
    ['one transition', { a: { on: { 'go/on': { to: 'x' } } } }, '/states/a/on/go~1on/to'],
    ['a list of them', { a: { on: { go: [{ to: 'a', if: '1 < 2' }, { to: 'x' }] } } }, '/states/a/on/go/1/to'],
    ['a delay', { a: { after: { '1h': { to: 'x' } } } }, '/states/a/after/1h/to'],
    ['a delay with a list', { a: { after: { '1h': [{ to: 'x' }] } } }, '/states/a/after/1h/0/to'],
    ['next', { a: { next: [{ to: 'x' }] } }, '/states/a/next/0/to'],
  ])('goes nowhere else: %s', ([, states, pointer]) => {
    expect(told(states)).toEqual([`UNKNOWN_STATE error ${pointer}`])
  })

  test('says which state was meant, or which there are', () => {
    const text = `segno: 1
name: test
steps:
  - { id: m, initial: draft, states: { draft: { on: { go: { to: pubished }, no: { to: nowhere } } }, published: {} } }
`
    const { diagnostics } = loadWorkflow(text)
    expect(
      diagnostics.map(({ hint, fixes, range }) => [hint, fixes?.[0]?.edits[0]?.newText, range?.start.column]),
    ).toEqual([
      ['did you mean "published"?', 'published', 65],
      ['the states are draft, published', undefined, 87],
      [undefined, undefined, 102],
    ])
  })

  test('reaches all of its states, whatever the conditions', () => {
    const states = { a: { on: { go: { to: 'b', if: false } } }, b: { after: { '1h': { to: 'c' } } }, c: {} }
    expect(told(states)).toEqual([])
    expect(told({ ...states, d: { next: [{ to: 'e' }] }, e: { next: [{ to: 'd' }] } })).toEqual([
      'UNREACHABLE_STATE warning /states/d',
      'UNREACHABLE_STATE warning /states/e',
    ])
  })

  test('is told nothing of what cannot be reached while nobody knows where it begins', () => {
    expect(told({ b: {}, c: {} })).toEqual(['UNKNOWN_STATE error /initial'])
  })
})

describe('of several transitions', () => {
  test('none stands after one that is always taken', () => {
    const go = [{ to: 'a', if: '1 < 2' }, { to: 'a' }, { to: 'a' }, { to: 'a', if: '1 < 2' }]
    expect(told({ a: { on: { go } } })).toEqual([
      'UNREACHABLE_TRANSITION warning /states/a/on/go/2',
      'UNREACHABLE_TRANSITION warning /states/a/on/go/3',
    ])
    expect(told({ a: { after: { '1h': [{ to: 'a', if: true }, { to: 'a' }] } } })).toEqual([
      'UNREACHABLE_TRANSITION warning /states/a/after/1h/1',
    ])
  })

  test('one that takes some data only is not always taken', () => {
    const schema = { type: 'object' }
    expect(told({ a: { on: { go: [{ to: 'a', schema }, { to: 'a' }] } } })).toEqual([])
    expect(told({ a: { on: { go: [{ to: 'a', schema: true }, { to: 'a' }] } } })).toHaveLength(1)
  })

  test('signals and delays have no turn where `next` always leads on', () => {
    const ways = { on: { go: { to: 'a' } }, after: { '1h': { to: 'a' } } }
    expect(told({ a: { ...ways, next: [{ to: 'a', if: '1 < 2' }] } })).toEqual([])
    expect(told({ a: { ...ways, next: [{ to: 'a' }] } })).toEqual([
      'UNREACHABLE_TRANSITION warning /states/a/on',
      'UNREACHABLE_TRANSITION warning /states/a/after',
    ])
  })

  test('no two have one delay, however it is written', () => {
    const after = { '60s': { to: 'a' }, '1h': { to: 'a' }, '1m': { to: 'a' }, PT60S: { to: 'a' } }
    expect(told({ a: { after } })).toEqual([
      'DUPLICATE_KEY error /states/a/after/1m',
      'DUPLICATE_KEY error /states/a/after/PT60S',
    ])
  })
})

describe('a state', () => {
  const condition = { to: 'a', if: '1 < 2' }

  test.for<[string, object]>([
    ['ends the machine', {}],
    ['waits for a signal', { next: [condition], on: { go: { to: 'a' } } }],
    ['waits for a while', { next: [condition], after: { '1h': { to: 'a' } } }],
    ['leads on', { next: [condition, { to: 'a' }] }],
  ])('is not dead where it %s', ([, state]) => {
    expect(told({ a: state })).toEqual([])
  })

  test('is dead where it has conditions only', () => {
    expect(told({ a: { next: [condition, condition] } })).toEqual(['DEAD_STATE warning /states/a/next'])
    expect(told({ a: { next: [condition], on: {}, after: {} } })).toEqual(['DEAD_STATE warning /states/a/next'])
  })
})

describe('in a state machine', () => {
  test('steps and conditions see the state, the signal, and the steps of all states', () => {
    const asked = 'has(signal.name) ? signal.name : ""'
    const states = {
      a: {
        do: [reads('x', `[state, ${asked}, steps.y.status]`), reads('z', 'steps.x.output')],
        on: { go: { to: 'b', if: 'signal.data.ok && has(steps.y.output) && steps.x.output == steps.z.output.x' } },
        after: { '1h': [{ to: 'b', if: 'has(steps.y.output)' }] },
        next: [{ to: 'b', if: 'has(signal.data)' }],
      },
      b: { do: [reads('y', `[${asked}, steps.z.status]`)] },
    }
    expect(told(states, { output: `\${{ [state, ${asked}, steps.x.status, steps.y.status] }}` })).toEqual([])
  })

  test('a step sees no later step of its own state, and no inside of another step', () => {
    const states = {
      a: { do: [reads('x', 'steps.y.output'), { id: 'y', do: [set('z')] }] },
      b: { do: [reads('w', 'steps.z.output')] },
    }
    expect(told(states, { initial: 'a' }).filter((line) => !line.startsWith('UNREACHABLE'))).toEqual([
      'STEP_OUT_OF_SCOPE error /states/a/do/0/set/x',
      'STEP_OUT_OF_SCOPE error /states/b/do/0/set/x',
    ])
  })

  test.for<[string, string]>([
    ['state', 'UNKNOWN_VARIABLE'],
    ['signal.data', 'UNKNOWN_VARIABLE'],
    ['steps.x.output', 'STEP_OUT_OF_SCOPE'],
  ])('%s is not seen from outside', ([name, code]) => {
    const machine = { id: 'm', states: { a: { do: [set('x')] } }, initial: 'a' }
    const { diagnostics } = loadDefinition({ segno: 1, name: 'test', steps: [machine, reads('out', name)] })
    expect(diagnostics.map((found) => found.code)).toEqual([code])
  })

  test('a signal has a name and data, which are not variables by themselves', () => {
    const a = {
      on: {
        go: [
          { to: 'a', if: 'signal.dta' },
          { to: 'a', if: 'data.ok' },
        ],
      },
    }
    const { diagnostics } = loadDefinition({
      segno: 1,
      name: 'test',
      steps: [{ id: 'm', states: { a }, initial: 'a' }],
    })
    expect(diagnostics.map(({ code, hint, pointer }) => `${code} ${pointer}: ${hint}`)).toEqual([
      'UNKNOWN_VARIABLE /steps/0/states/a/on/go/1/if: did you mean "signal.data"?',
      'UNKNOWN_FIELD /steps/0/states/a/on/go/0/if: did you mean "data"?',
    ])
  })

  test('every expression is read at its own place, whether a transition stands alone or in a list', () => {
    const text = `segno: 1
name: test
steps:
  - id: m
    initial: a
    states:
      a:
        on: { go: { to: a, if: no1 }, stop: [{ to: a, if: no2 }] }
        after: { 1h: { to: a, if: no3 }, 2h: [{ to: a, if: "\${{ no4 }}" }] }
        next: [{ to: a, if: no5 }]
`
    const { diagnostics } = loadWorkflow(text)
    expect(
      diagnostics.map(({ message, pointer, range }) => [
        /no\d/.exec(message)?.[0],
        pointer.replace('/steps/0/states/a', ''),
        `${range?.start.line}:${range?.start.column}`,
      ]),
    ).toEqual([
      ['no1', '/on/go/if', '8:32'],
      ['no2', '/on/stop/0/if', '8:59'],
      ['no3', '/after/1h/if', '9:35'],
      ['no4', '/after/2h/0/if', '9:65'],
      ['no5', '/next/0/if', '10:29'],
    ])
  })

  test('blocks nest as in any other, sixteen deep', () => {
    const nested = (depth: number): object[] => {
      const inside = (): object[] => nested(depth - 1)
      if (depth === 0) return []
      if (depth % 2 === 0) return [{ id: `d${depth}`, do: inside() }]
      return [{ id: `d${depth}`, states: { a: { do: inside() } }, initial: 'a' }]
    }
    const codes = (steps: readonly object[]): string[] =>
      loadDefinition({ segno: 1, name: 'test', steps }).diagnostics.map(({ code }) => code)
    expect(codes(nested(16))).toEqual([])
    expect(codes(nested(17))).toEqual(['NESTING_TOO_DEEP'])
  })

  test('a `return` may stand, but a machine is not taken to end with one', () => {
    const given = { id: 'r', if: 'size(run.id) > 1', return: { x: 1 } }
    const machine = { id: 'm', states: { a: { do: [given] } }, initial: 'a' }
    const definition = { segno: 1, name: 'test', output: { x: { type: 'integer' } } }
    const codes = (steps: readonly object[]): string[] =>
      loadDefinition({ ...definition, steps }).diagnostics.map(({ code }) => code)
    expect(codes([machine, { id: 'end', return: { x: 2 } }])).toEqual([])
    expect(codes([machine])).toEqual(['OUTPUT_WITHOUT_VALUE'])
  })
})
