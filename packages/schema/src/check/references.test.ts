import { describe, expect, test } from 'vitest'
import { parseDefinition } from '../parse/plain.ts'
import { checkDefinition } from './check.ts'

const base = {
  segno: 1,
  name: 'test',
  input: { brief: { type: 'string' } },
}

const set = (id: string, value: unknown = 1): object => ({ id, set: { x: value } })
const reads = (id: string, name: string): object => set(id, `\${{ ${name} }}`)

/** Codes and messages of a workflow with these steps, and whatever else it says. */
function told(steps: readonly object[], more: object = {}): string[] {
  const { definition, diagnostics } = parseDefinition({ ...base, steps, ...more })
  if (!definition) throw new Error(JSON.stringify(diagnostics))
  return checkDefinition(definition).map(
    ({ code, message, hint }) => `${code}: ${message}${hint === undefined ? '' : `; ${hint}`}`,
  )
}

const output = (id: string): string => `steps.${id}.output`

describe('a step sees', () => {
  test('the steps before it, in its own block and in those around it', () => {
    expect(
      told([set('a'), { id: 'b', do: [set('c'), { id: 'd', do: [reads('e', `[${output('a')}, ${output('c')}]`)] }] }]),
    ).toEqual([])
  })

  test('neither itself nor a block that it is in nor what comes later', () => {
    expect(
      told([{ id: 'a', do: [reads('b', output('a')), reads('c', output('c')), reads('d', output('e'))] }, set('e')]),
    ).toEqual([
      'STEP_OUT_OF_SCOPE: "a" has not ended here: this is inside it',
      'STEP_OUT_OF_SCOPE: "c" has not ended here: this is inside it',
      'STEP_OUT_OF_SCOPE: "e" comes later',
    ])
  })

  test('no inside of another block', () => {
    expect(told([{ id: 'a', do: [set('b')] }, reads('c', output('b'))])).toEqual([
      'STEP_OUT_OF_SCOPE: "b" is inside "a" and cannot be seen from here; give "a" an "output" and read that',
    ])
  })

  test('no other branch of its block', () => {
    expect(told([{ id: 'a', if: true, do: [set('b')], else: [reads('c', output('b'))] }])).toHaveLength(1)
  })

  test('in parallel, the siblings that it needs, directly or not, and no others', () => {
    const parallel = [
      set('a'),
      { ...set('b'), needs: ['a'] },
      { ...reads('c', output('a')), needs: ['b'] },
      reads('d', output('a')),
    ]
    expect(told([{ id: 'p', parallel }])).toEqual([
      'STEP_OUT_OF_SCOPE: "a" may still be running here; add it to "needs"',
    ])
  })

  test('in `catch` and `finally`, the steps that were tried, and the error', () => {
    const handled = reads('b', '[steps.a.status, error.code]')
    const tidied = reads('c', '[steps.a.status, string(error == null)]')
    expect(told([{ id: 't', try: [set('a')], catch: [{ do: [handled] }], finally: [tidied] }])).toEqual([])
  })

  test('in `catch`, the error by the name that it was given', () => {
    const clauses = [{ as: 'problem', do: [reads('a', 'problem.code'), reads('b', 'error.code')] }]
    expect(told([{ id: 't', try: [], catch: clauses }])).toEqual([
      'UNKNOWN_VARIABLE: there is no variable "error" here',
    ])
  })

  test('at the end of the workflow, its top-level steps and the error', () => {
    expect(
      told([set('a'), { id: 'd', do: [set('b')] }], {
        finally: [reads('c', '[steps.a.status, string(error == null)]'), reads('e', output('b'))],
      }),
    ).toHaveLength(1)
  })
})

describe('what a block says of its inside', () => {
  test('`output` sees the steps inside, of each branch', () => {
    expect(
      told([
        {
          ...{ id: 'a', if: 'input.brief == ""', do: [set('b')], else: [set('c')] },
          output: '${{ [steps.b.status, steps.c.status] }}',
        },
      ]),
    ).toEqual([])
  })

  test('`until` sees the iteration that it judges, `while` only what was before it', () => {
    const loop = (id: string, condition: object): object => ({
      id,
      repeat: { max: 3, ...condition },
      do: [set(`${id}1`)],
    })
    expect(told([loop('a', { until: `${output('a1')}.x > iteration` })])).toEqual([])
    expect(told([loop('a', { while: `${output('a1')}.x > iteration` })])).toHaveLength(1)
  })

  test('`previous` is there when the loop has an `initial`', () => {
    const loop = (more: object): object => ({
      id: 'a',
      repeat: { max: 3, until: true, ...more },
      do: [reads('b', 'previous')],
    })
    expect(told([loop({ initial: null })])).toEqual([])
    expect(told([loop({})])).toEqual(['UNKNOWN_VARIABLE: there is no variable "previous" here'])
  })

  test('items have the name that `as` gives, inside only', () => {
    const loop = {
      id: 'a',
      forEach: { in: [1], as: 'mail' },
      do: [reads('b', '[mail, index]'), reads('c', 'item')],
      output: '${{ mail }}',
    }
    expect(told([loop, reads('d', 'mail')])).toEqual([
      'UNKNOWN_VARIABLE: there is no variable "item" here',
      'UNKNOWN_VARIABLE: there is no variable "mail" here',
    ])
  })

  test('the list of a loop does not see the items', () => {
    expect(told([{ id: 'a', forEach: { in: 'item' }, do: [] }])).toHaveLength(1)
  })

  test('only the condition of a wait sees the data', () => {
    const wait = { id: 'a', waitFor: { signal: '${{ data }}', if: 'data.ok' }, timeout: '1h' }
    expect(told([wait])).toEqual(['UNKNOWN_VARIABLE: there is no variable "data" here'])
  })
})

describe('a name that means nothing', () => {
  test.for([
    ['steps.buidl.output', 'UNKNOWN_STEP: there is no step "buidl"; did you mean "build"?'],
    ['steps.build.ouput', 'UNKNOWN_FIELD: steps.build has no field "ouput"; did you mean "output"?'],
    ['input.breif', 'UNKNOWN_INPUT: there is no input "breif"; did you mean "brief"?'],
    ['brief', 'UNKNOWN_VARIABLE: there is no variable "brief" here; did you mean "input.brief"?'],
    ['build', 'UNKNOWN_VARIABLE: there is no variable "build" here; did you mean "steps.build.output"?'],
    ['run.startedat', 'UNKNOWN_FIELD: run has no field "startedat"; did you mean "startedAt"?'],
  ])('%s', ([name, message]) => {
    expect(told([set('build'), reads('a', name ?? '')])).toEqual([message])
  })

  test('is no name that a macro of the expression brings', () => {
    expect(told([reads('a', '[1, 2].map(n, n + 1)')])).toEqual([])
  })

  test('is found wherever an expression may stand', () => {
    const step = { timeout: '${{ no1 }}', retry: { max: 1, delay: '${{ no2 }}', maxDelay: '${{ no3 }}' }, if: 'no4' }
    const steps = [
      { id: 'a', uses: 'x', with: { deep: [{ er: '${{ no5 }}' }] }, ...step },
      { id: 'b', assert: 'no6', message: '${{ no7 }}' },
      { id: 'c', sleep: '${{ no8 }}' },
      { id: 'd', match: 'no9', cases: {}, output: '${{ no10 }}' },
      { id: 'e', parallel: [], concurrency: '${{ no11 }}' },
      { id: 'f', forEach: { in: ['${{ no12 }}'], concurrency: '${{ no13 }}' }, do: [] },
      {
        id: 'g',
        repeat: { max: '${{ no14 }}', until: 'no15', every: '${{ no16 }}', initial: '${{ no17 }}' },
        do: [],
        onExhausted: { output: '${{ no18 }}' },
      },
      { id: 'h', fail: { code: 'A', message: '${{ no19 }}', data: '${{ no20 }}' } },
      { id: 'i', return: { z: '${{ no21 }}' } },
      { id: 'j', http: { url: 'https://a/${{ no25 }}', headers: { a: '${{ no26 }}' }, query: { a: ['${{ no27 }}'] } } },
      { id: 'k', http: { url: 'https://a', body: { a: '${{ no28 }}' } }, idempotencyKey: '${{ no29 }}' },
      {
        id: 'l',
        ask: { title: '${{ no30 }}', body: '${{ no31 }}', choices: ['a', 'b'], subject: ['${{ no32 }}'] },
      },
      { id: 'm', ask: { title: 'A', form: {}, assignees: ['${{ no33 }}'] } },
      { id: 'n', watch: { glob: '${{ no34 }}', minCount: '${{ no35 }}', every: '${{ no36 }}' } },
      { id: 'o', emit: { signal: '${{ no37 }}', data: ['${{ no38 }}'], to: '${{ no39 }}' } },
      { id: 'p', sleepUntil: '${{ no40 }}' },
      { id: 'q', uses: 'x', queue: { key: '${{ no41 }}', rate: { limit: 1, per: '${{ no42 }}' } } },
      { id: 'r', do: [], budget: { duration: '${{ no43 }}' } },
    ]
    const more = {
      output: { z: { value: '${{ no22 }}' } },
      defaults: { timeout: '${{ no23 }}', retry: { max: 0, delay: '${{ no24 }}' } },
      concurrency: { group: '${{ no44 }}' },
    }
    const names = told(steps, more).flatMap((line) => /"no(\d+)"/.exec(line)?.[1] ?? [])
    expect(names.map(Number).toSorted((a, b) => a - b)).toEqual(Array.from({ length: 44 }, (_, index) => index + 1))
  })
})
