import { describe, expect, test } from 'vitest'
import type { Definition, Step } from '../definition.ts'
import { loadDefinition, loadWorkflow } from '../load.ts'
import { planHash } from '../plan/canonical.ts'
import { toYaml } from './to-yaml.ts'
import { toYamlFiles } from './to-yaml-files.ts'

function workflow(name: string, steps: readonly Step[], rest: Partial<Definition> = {}): Definition {
  return { steps, ...rest, name, segno: 1 }
}

/** The lines of one step, without its id. */
function linesOf(step: object): string {
  const text = toYaml(workflow('a', [{ id: 'a', ...step } as Step]))
  return text.slice(text.indexOf('- id: a\n') + 8).replaceAll(/^ {4}/gm, '')
}

test('a text is what a person would write', () => {
  const definition: Definition = workflow(
    'review',
    [
      {
        do: [
          { set: { n: '${{ iteration + 1 }}' }, id: 'count' },
          { with: { draft: '${{ steps.draft.output }}', round: '${{ iteration }}' }, uses: 'judge', id: 'judge' },
        ],
        output: { ok: '${{ steps.judge.output.ok }}' },
        repeat: { until: '${{ steps.judge.output.ok }}', max: 3 },
        timeout: '2h',
        if: '${{ input.topic != "" }}',
        title: 'Review it',
        id: 'rounds',
      },
      { retry: { delay: '1s', max: 2 }, run: 'set -e\nnpm test\n', if: true, id: 'tests' },
    ],
    {
      'x-owner': 'docs',
      finally: [{ exec: ['rm', '-rf', 'tmp'], id: 'tidy' }],
      input: { topic: { type: 'string', minLength: 1 }, rounds: { type: 'integer', default: 3 } },
      version: '1.2.0',
      limits: { steps: 200 },
      output: { ok: { type: 'boolean', value: '${{ steps.rounds.output.ok }}' } },
    },
  )
  expect(toYaml(definition)).toBe(`segno: 1
name: review
version: 1.2.0

input:
  topic: { type: string, minLength: 1 }
  rounds: { type: integer, default: 3 }

output:
  ok: { type: boolean, value: '\${{ steps.rounds.output.ok }}' }

limits: { steps: 200 }
x-owner: docs

steps:
  - id: rounds
    title: Review it
    if: input.topic != ""
    repeat: { max: 3, until: steps.judge.output.ok }
    timeout: 2h
    do:
      - id: count
        set: { n: '\${{ iteration + 1 }}' }
      - id: judge
        uses: judge
        with:
          draft: \${{ steps.draft.output }}
          round: \${{ iteration }}
    output: { ok: '\${{ steps.judge.output.ok }}' }

  - id: tests
    if: true
    run: |
      set -e
      npm test
    retry: { max: 2, delay: 1s }

finally:
  - id: tidy
    exec: [rm, -rf, tmp]
`)
})

describe('a step is written', () => {
  test('with quotes around an expression only where YAML needs them', () => {
    expect(linesOf({ assert: '${{ a ? b : c }}' })).toBe("assert: 'a ? b : c'\n")
    expect(linesOf({ assert: '!a' })).toBe("assert: '!a'\n")
    expect(linesOf({ uses: 'h', with: '${{ a }} and ${{ b }}' })).toBe('uses: h\nwith: ${{ a }} and ${{ b }}\n')
    expect(linesOf({ uses: 'h', with: '$${{ a }} # b' })).toBe("uses: h\nwith: '$${{ a }} # b'\n")
  })

  test('with words that other readers of YAML take for booleans in quotes', () => {
    const choices = ['yes', 'no', 'later', 'null']
    expect(linesOf({ ask: { title: 'Go on?', choices } })).toBe(
      "ask: { title: Go on?, choices: ['yes', 'no', later, 'null'] }\n",
    )
  })

  test('with cases that look like what they are', () => {
    const fields = { match: 'a', cases: { true: [], 404: [], '007': [], null: [], a: [] } }
    expect(linesOf(fields)).toBe("match: a\ncases:\n  404: []\n  true: []\n  '007': []\n  'null': []\n  a: []\n")
  })

  test('with its own keys where they were, after those that are known', () => {
    expect(linesOf({ 'x-b': 1, assert: true, 'x-a': { y: [] } })).toBe('assert: true\nx-b: 1\nx-a: { y: [] }\n')
  })
})

describe('what cannot be written is refused with its mistakes:', () => {
  const valid = workflow('a', [{ id: 'a', set: {} }])
  const around: Record<string, unknown> = {}
  around['self'] = around
  test.for<[string, object, string]>([
    ['no definition', { ...valid, steps: [{ id: 'a' }] }, 'NO_VERB at /steps/0'],
    ['a number that JSON has not', { ...valid, 'x-n': Number.NaN }, 'NUMBER_OUT_OF_RANGE at /x-n'],
    ['a value that holds itself', { ...valid, 'x-n': around }, 'NOT_JSON at /x-n/self'],
    ['more than a text may hold', { ...valid, description: 'x'.repeat(300_000) }, 'DOCUMENT_TOO_LARGE'],
  ])('%s', ([, value, words]) => {
    expect(() => toYaml(value as Definition)).toThrow(words)
    expect(() => toYamlFiles(value as Definition)).toThrow(words)
  })

  test('the cause has all of them', () => {
    let cause: unknown
    try {
      toYaml({ ...valid, steps: [{ id: 'a' }, { id: '1', set: {} }] } as unknown as Definition)
    } catch (error) {
      cause = error instanceof TypeError ? error.cause : undefined
    }
    expect(cause).toMatchObject([{ code: 'NO_VERB' }, { code: 'INVALID_VALUE' }])
  })
})

test('what holds a definition is written as the definition itself', () => {
  const definition = workflow('a', [{ id: 'a', set: {} }])
  const { workflow: loaded } = loadDefinition(definition)
  if (!loaded) throw new Error('it does not load')
  expect(toYaml(loaded)).toBe(toYaml(definition))
  expect(toYamlFiles(loaded)).toEqual(new Map([['a.segno.yaml', toYaml(definition)]]))
})

describe('each workflow of a definition gets a file', () => {
  const part = workflow('part', [{ id: 'a', set: { n: 1 } }])
  const other = workflow('Part', [{ id: 'a', set: { n: 2 } }])
  const outer = workflow('outer', [{ id: 'a', call: 'inner' }], { imports: { inner: part } })
  const main = workflow(
    'main',
    [
      { id: 'a', call: 'one' },
      { id: 'b', call: 'two' },
      { id: 'c', call: 'three' },
    ],
    {
      imports: { one: outer, two: structuredClone(part), three: other },
    },
  )
  const files = toYamlFiles(main, { file: 'flows/main.yaml' })

  test('beside the first, named after the workflow, the same one once', () => {
    expect([...files.keys()]).toEqual([
      'flows/main.yaml',
      'flows/part.segno.yaml',
      'flows/outer.segno.yaml',
      'flows/Part-2.segno.yaml',
    ])
    expect(files.get('flows/outer.segno.yaml')).toContain('imports:\n  inner: ./part.segno.yaml\n')
  })

  test('and together they give the hash', () => {
    const read = (path: string): string | undefined => files.get(path)
    const { workflow: back } = loadWorkflow(files.get('flows/main.yaml') ?? '', { file: 'flows/main.yaml', read })
    expect(back?.hash).toBe(planHash(main))
  })

  test('under no name that the first or a path has', () => {
    const imports = { one: workflow('main', part.steps), two: workflow('part', part.steps), three: './part.segno.yaml' }
    const names = [...toYamlFiles({ ...main, imports }).keys()]
    expect(names).toEqual(['main.segno.yaml', 'main-2.segno.yaml', 'part-2.segno.yaml'])
  })

  test('also where one text would not hold them all', () => {
    const large = (name: string): Definition => workflow(name, part.steps, { description: 'x'.repeat(150_000) })
    const both = { ...main, imports: { one: large('a'), two: large('b'), three: other } }
    expect(() => toYaml(both)).toThrow('DOCUMENT_TOO_LARGE')
    expect(toYamlFiles(both).size).toBe(4)
  })
})
