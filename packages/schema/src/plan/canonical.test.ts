import { describe, expect, test } from 'vitest'
import { loadWorkflow } from '../load.ts'
import { parseDefinition } from '../parse/plain.ts'
import { canonicalJson, planHash } from './canonical.ts'
import { normalise } from './normalise.ts'

const yaml = `
# a comment
segno: 1
name: twin
x-owner: somebody
input: { n: { type: integer, default: 3 } }
defaults: { timeout: PT90S }
steps:
  - id: loop
    if: \${{ input.n > 2 }}
    forEach: { in: "\${{ [1, 2] }}", as: item }
    do:
      - { id: a, uses: send, with: { text: "\${{ item }}", x-kept: 1 }, timeout: 60s, retry: { max: 1, delay: 1000ms } }
      - { id: b, match: true, cases: { true: [] }, default: [] }
  - id: t
    try: [{ id: c, sleep: 1h }]
    catch: [{ as: error, x-why: because, do: [{ id: d, assert: true }] }]
  - { id: e, repeat: { max: 2, until: "\${{ iteration == 1 }}", every: 1000ms }, do: [] }
  - { id: f, exec: [ls, 1], output: { from: stdout, maxSize: 64KiB, x-why: because }, workspace: { cwd: a, x-b: c } }
  - { id: g, do: [], output: { maxSize: 64KiB } }
`

const twin = {
  segno: 1,
  name: 'twin',
  input: { n: { default: 3, type: 'integer' } },
  version: undefined,
  defaults: { timeout: '90s' },
  steps: [
    {
      id: 'loop',
      if: 'input.n > 2',
      forEach: { in: '[1, 2]' },
      do: [
        {
          id: 'a',
          uses: 'send',
          with: { 'x-kept': 1, text: '${{ item }}' },
          timeout: 'PT1M',
          retry: { delay: '1s', max: 1 },
        },
        { id: 'b', match: 'true', cases: { true: [] }, default: [] },
      ],
    },
    { id: 't', try: [{ id: 'c', sleep: '60m' }], catch: [{ do: [{ id: 'd', assert: 'true' }] }] },
    { id: 'e', repeat: { max: 2, until: ' iteration == 1 ', every: 'PT1S' }, do: [] },
    { id: 'f', exec: ['ls', 1], output: { maxSize: 65_536, from: 'stdout' }, workspace: { cwd: 'a' } },
    { id: 'g', do: [], output: { maxSize: '64KiB' } },
  ],
}

function parsed(value: unknown): NonNullable<ReturnType<typeof parseDefinition>['definition']> {
  const { definition, diagnostics } = parseDefinition(value)
  if (!definition) throw new Error(JSON.stringify(diagnostics))
  return definition
}

describe('the hash of a plan', () => {
  const { workflow, diagnostics } = loadWorkflow(yaml)

  test('is the same for twins from YAML and from code', () => {
    expect(diagnostics).toEqual([])
    expect(workflow?.hash).toBe(planHash(parsed(twin)))
  })

  test('is another one when anything that runs is another', () => {
    expect(planHash(parsed({ ...twin, steps: twin.steps.slice(1) }))).not.toBe(workflow?.hash)
  })

  test('never changes for a definition once written', () => {
    expect(planHash(parsed({ segno: 1, name: 'pinned', steps: [{ id: 'a', set: { x: { é: '€', a: 1 } } }] }))).toBe(
      '0459f82bc23e900c2a796552fcd31b76f1335250cd11a8f637317d697277e6d0',
    )
  })
})

describe('the normal form', () => {
  const definition = normalise(parsed(twin))

  test('is its own normal form', () => {
    expect(normalise(definition)).toStrictEqual(definition)
  })

  test('keeps data that only looks like an extension', () => {
    expect(canonicalJson(definition as never)).toContain('"x-kept":1')
  })

  test('spells slots, durations, sizes and names in one way', () => {
    expect(definition).toMatchObject({
      defaults: { timeout: '1m30s' },
      steps: [
        {
          if: 'input.n > 2',
          forEach: { in: '[1, 2]' },
          do: [{ timeout: '1m', retry: { max: 1, delay: '1s' } }, { match: 'true' }],
        },
        { try: [{ sleep: '1h' }], catch: [{ do: [{ assert: 'true' }] }] },
        { repeat: { until: 'iteration == 1', every: '1s' } },
        { output: { from: 'stdout', maxSize: 65_536 } },
        { output: { maxSize: '64KiB' } },
      ],
    })
  })
})

test('canonical JSON orders keys by UTF-16 units and writes numbers as JavaScript does', () => {
  expect(canonicalJson({ b: 1, a: [1e21, 0.000001, -0, 'é\u2028'], '\ud83d\ude00': null, '\ufb33': true })).toBe(
    '{"a":[1e+21,0.000001,0,"é\u2028"],"b":1,"\ud83d\ude00":null,"\ufb33":true}',
  )
})
