import { describe, expect, test } from 'vitest'
import { applyEdits } from '../diagnostic/apply-edits.ts'
import { parseWorkflow, type ParsedWorkflow } from './workflow.ts'

const head = 'segno: 1\nname: test\n'

function told({ diagnostics }: ParsedWorkflow): string[] {
  return diagnostics.map(({ code, range }) => `${code} ${range?.start.line}:${range?.start.column}`)
}

function hints({ diagnostics }: ParsedWorkflow): (string | undefined)[] {
  return diagnostics.map(({ hint }) => hint)
}

describe('a text that is no workflow is refused:', () => {
  test.for([
    ['not YAML', 'a: [1, 2\nb: }', ['YAML_SYNTAX 2:1']],
    ['a sentence', 'just words', ['INVALID_VALUE 1:1']],
    ['nothing', '', ['INVALID_VALUE 1:1']],
    ['a list', '- 1', ['INVALID_VALUE 1:1']],
    ['binary data', '\u0000\u0001\u0002', ['INVALID_VALUE 1:1']],
    ['300 KiB', `${head}steps: []\n#${'x'.repeat(300 * 1024)}`, ['DOCUMENT_TOO_LARGE 1:1']],
    ['more than 256 KiB in bytes, though not in letters', `#${'語'.repeat(100_000)}`, ['DOCUMENT_TOO_LARGE 1:1']],
    [
      'anchors and aliases',
      `${head}steps: [{ id: a, set: { b: &x 1, c: *x } }]`,
      ['YAML_FEATURE 3:28', 'YAML_FEATURE 3:37'],
    ],
    ['tags', `${head}steps: [{ id: a, set: { b: !!str 1, c: !mine 2 } }]`, ['YAML_FEATURE 3:28', 'YAML_FEATURE 3:40']],
    ['merge keys', `${head}steps: [{ id: a, set: { <<: 1 } }]`, ['YAML_FEATURE 3:25']],
    ['directives', '# 1.1\n%YAML 1.1\n---\na: 1', ['YAML_FEATURE 2:1']],
    ['two documents', 'a: 1\n---\nb: 2', ['YAML_FEATURE 2:1']],
    ['80 levels of lists', '['.repeat(80) + ']'.repeat(80), ['TOO_DEEP 1:67']],
    ['80 levels of maps', Array.from({ length: 80 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'), ['TOO_DEEP 66:67']],
    ['65 levels', `${'['.repeat(65)}${']'.repeat(65)}`, ['INVALID_VALUE 1:1', 'TOO_DEEP 1:65']],
    ['100,000 levels', '['.repeat(100_000), ['TOO_DEEP 1:67']],
    ['100,000 dashes', '- '.repeat(100_000), ['TOO_DEEP 1:133']],
  ] as const)('%s', ([, text, expected]) => {
    expect(told(parseWorkflow(text))).toEqual(expected)
  })
})

describe('unknown keys are refused at every level:', () => {
  test.for([
    ['the workflow', 'stepz: 1\nsteps: []', 3],
    ['limits', 'limits: { step: 1 }\nsteps: []', 3],
    ['defaults', 'defaults: { timeuot: 1s }\nsteps: []', 3],
    ['an input', 'input: { a: { typ: string } }\nsteps: []', 3],
    ['a schema inside an input', 'input: { a: { items: { typ: string } } }\nsteps: []', 3],
    ['an output', 'output: { a: { valeu: 1 } }\nsteps: []', 3],
    ['a step', 'steps:\n  - { id: a, set: {}, labls: {} }', 4],
    ['a retry', 'steps:\n  - { id: a, uses: b, retry: { max: 1, dealy: 1s } }', 4],
    ['the output of a handler', 'steps:\n  - { id: a, uses: b, output: { schema: true, shema: 1 } }', 4],
    ['waitFor', 'steps:\n  - { id: a, waitFor: { signal: b, schem: true } }', 4],
    ['forEach', 'steps:\n  - { id: a, forEach: { in: [], colect: true }, do: [] }', 4],
    ['repeat', 'steps:\n  - { id: a, repeat: { max: 1, untill: true }, do: [] }', 4],
    ['onExhausted', 'steps:\n  - { id: a, repeat: { max: 1 }, do: [], onExhausted: { output: 1, outpt: 1 } }', 4],
    ['join', 'steps:\n  - { id: a, parallel: [], join: { atLeast: 1, atLest: 1 } }', 4],
    ['a catch clause', 'steps:\n  - { id: a, try: [], catch: [{ do: [], onn: [] }] }', 4],
    ['fail', 'steps:\n  - { id: a, fail: { code: A, message: b, mesage: c } }', 4],
    ['a step in a block in a block', 'steps:\n  - { id: a, do: [{ id: b, do: [{ id: c, set: {}, titel: d }] }] }', 4],
  ] as const)('%s', ([, text, line]) => {
    const parsed = parseWorkflow(head + text)
    const unknown = parsed.diagnostics.filter(({ code }) => code === 'UNKNOWN_KEY')
    expect(unknown).toHaveLength(1)
    expect(unknown[0]?.range?.start.line).toBe(line)
    expect(unknown[0]?.hint).toMatch(/^did you mean "/)
    expect(unknown[0]?.fixes).toHaveLength(1)
  })

  test('the fix, applied, mends the text', () => {
    const text = `${head}steps:\n  - { id: a, sett: { x: 1 } }\n`
    const [fix] = parseWorkflow(text).diagnostics[0]?.fixes ?? []
    expect(parseWorkflow(applyEdits(text, fix?.edits ?? [])).diagnostics).toEqual([])
  })

  test('`x-*` keys are free in every construct', () => {
    const step = '{ id: a, x-a: 1, forEach: { in: [], x-b: 1 }, do: [{ id: b, waitFor: { signal: c, x-c: [] } }] }'
    expect(
      parseWorkflow(`${head}x-d: { y: 1 }\ninput: { i: { type: string, x-e: 1 } }\nsteps: [${step}]`).diagnostics,
    ).toEqual([])
  })
})

describe('a wrong value is told in human words:', () => {
  test.for([
    ['sleep: 5', 'expected a duration such as 10m, got 5'],
    ['sleep: soon', 'expected a duration such as 10m, got "soon"'],
    ['uses: [a]', 'expected text, got a list'],
    ['set: 5', 'expected a map of values, got 5'],
    ['do: {}', 'expected a list of steps, got a map'],
    ['forEach: { in: 5 }, do: []', 'expected a list, or an expression that gives one, got 5'],
    ['repeat: { max: 0, until: x }, do: []', 'expected a whole number from 1, or an expression in ${{ }}, got 0'],
    [
      'repeat: { max: many, until: x }, do: []',
      'expected a whole number from 1, or an expression in ${{ }}, got "many"',
    ],
    ['parallel: [], join: most', 'expected all, any or { atLeast: 2 }, got "most"'],
    ['assert: [1]', 'expected an expression such as steps.review.output.ok, got a list'],
    ['uses: b, onFailure: stop', 'expected fail, continue or block, got "stop"'],
    ['uses: b, retry: { max: five }', 'expected a whole number, 0 or more, got "five"'],
  ] as const)('%s', ([step, message]) => {
    expect(
      parseWorkflow(`${head}steps: [{ id: a, ${step} }]`).diagnostics.map((diagnostic) => diagnostic.message),
    ).toEqual([message])
  })

  test('`${{ }}` may stand for a number', () => {
    const step = '{ id: a, repeat: { max: "${{ 2 }}", until: true }, do: [] }'
    expect(parseWorkflow(`${head}steps: [${step}]`).diagnostics).toEqual([])
  })
})

test('all mistakes of a document are told, in the order of the text', () => {
  const text = `${head}steps:\n  - { id: 1a, sleep: 5 }\n  - 5\n  - { id: b, uses: c, set: {} }\n  - { id: d }\nfinaly: []\n`
  expect(told(parseWorkflow(text))).toEqual([
    'INVALID_VALUE 4:11',
    'INVALID_VALUE 4:22',
    'INVALID_VALUE 5:5',
    'TWO_VERBS 6:5',
    'NO_VERB 7:5',
    'UNKNOWN_KEY 8:1',
  ])
})

describe('the verb of a step', () => {
  test.for([
    ['uses: b, set: {}', 'a step has one verb, this one has "uses" and "set"'],
    ['match: x, cases: {}, do: []', 'a step has one verb, this one has "match" and "do"'],
    ['title: b', 'the step has no verb'],
    ['if: x', 'the step has no verb: "if" alone needs a "do"'],
  ] as const)('is one: %s', ([step, message]) => {
    expect(
      parseWorkflow(`${head}steps: [{ id: a, ${step} }]`).diagnostics.map((diagnostic) => diagnostic.message),
    ).toEqual([message])
  })

  test('decides which modifiers there are', () => {
    const modifiers = { retry: '{ max: 1 }', timeout: '1s', effect: 'once', output: '{ schema: true }', with: '1' }
    const allowed = (verb: string): string[] =>
      Object.entries(modifiers)
        .filter(
          ([key, value]) =>
            parseWorkflow(`${head}steps: [{ id: a, ${verb}, ${key}: ${value} }]`).diagnostics.length === 0,
        )
        .map(([key]) => key)
    expect(allowed('uses: b')).toEqual(['retry', 'timeout', 'effect', 'output', 'with'])
    expect(allowed('do: []')).toEqual(['retry', 'timeout', 'output'])
    expect(allowed('sleep: 1s')).toEqual(['timeout'])
    expect(allowed('set: {}')).toEqual([])
    expect(allowed('fail: { code: A, message: b }')).toEqual([])
  })
})

describe('a YAML mistake in an expression', () => {
  test.for(['if: !input.draft', 'until: "approve" == steps.a.output', 'match: a: b', 'assert: *x'])(
    '%s: quote it',
    (line) => {
      expect(hints(parseWorkflow(`${head}steps:\n  - ${line}\n`))).toContain(
        `quote the expression: ${line.split(':')[0]}: "…"`,
      )
    },
  )

  test('elsewhere has no such hint', () => {
    expect(hints(parseWorkflow('name: "a" b'))).toEqual([undefined])
  })
})

describe('a text with a comma in a map in braces', () => {
  test.for<[string, string]>([
    ['fail: { code: A, message: Sorry, that went wrong }', 'quote the text: message: "Sorry, that went wrong"'],
    ['assert: true, message: One, two', 'quote the text: message: "One, two"'],
    ['exec: [ls], env: { A: one, two three }', 'quote the text: A: "one, two three"'],
  ])('is told what to do about: %s', ([step, hint]) => {
    expect(hints(parseWorkflow(`${head}steps: [{ id: a, ${step} }]`))).toContain(hint)
  })

  test('is told so at each of its pieces', () => {
    const quote = 'quote the text: message: "One, two, three"'
    expect(hints(parseWorkflow(`${head}steps: [{ id: a, assert: true, message: One, two, three }]`))).toEqual([
      quote,
      quote,
    ])
  })

  test.for(['titel: x', 'titel:', '"titel"', 'retry: { max: 1 }, titel'])('is not seen in: %s', (keys) => {
    const text = `${head}steps: [{ id: a, uses: h, description: "b", ${keys} }]`
    expect(hints(parseWorkflow(text))[0]).toBe('did you mean "title"?')
  })
})

test('JSON is a text like any other, indented by tabs too', () => {
  const definition = { segno: 1, name: 'a', steps: [{ id: 'a', set: { x: [1, null, 'y'] } }] }
  expect(parseWorkflow(JSON.stringify(definition, null, '\t')).definition).toEqual(definition)
})

test('cases are named by booleans and numbers as text', () => {
  const text = `${head}steps: [{ id: a, match: true, cases: { true: [], 404: [] } }]`
  expect(parseWorkflow(text).definition?.steps).toEqual([{ id: 'a', match: true, cases: { true: [], 404: [] } }])
})

test('an own key that JavaScript would take for a prototype pollutes nothing', () => {
  const { diagnostics } = parseWorkflow(
    '{ "__proto__": { "polluted": 1 }, "constructor": { "prototype": { "polluted": 1 } } }',
  )
  expect(diagnostics.filter(({ code }) => code === 'FORBIDDEN_KEY')).toHaveLength(2)
  expect(Object.prototype).not.toHaveProperty('polluted')
})

describe('the source map', () => {
  const text = `${head}steps:\n  - id: a\n    set: { x: "\\u0061b" }\n`
  const { sourceMap } = parseWorkflow(text)
  const shown = (range: { start: { offset: number }; end: { offset: number } } | undefined): string =>
    text.slice(range?.start.offset, range?.end.offset)

  test('tells the place of keys and values', () => {
    expect(shown(sourceMap.key('/steps/0/set'))).toBe('set')
    expect(shown(sourceMap.value('/steps/0/set'))).toBe('{ x: "\\u0061b" }')
  })

  test('tells the nearest place around what is not there', () => {
    expect(shown(sourceMap.value('/steps/0/set/y/z'))).toBe('{ x: "\\u0061b" }')
  })

  test('tells the place of a part of a text', () => {
    expect(shown(sourceMap.inside('/steps/0/set/x', 1, 2))).toBe('b')
  })

  test('tells the whole of an escape at the end of a part', () => {
    expect(shown(sourceMap.inside('/steps/0/set/x', 0, 1))).toBe('\\u0061')
    const quoted = `${head}steps:\n  - { id: a, assert: '1 + ''a''' }\n`
    const { start, end } = parseWorkflow(quoted).sourceMap.inside('/steps/0/assert', 4, 7)
    expect(quoted.slice(start.offset, end.offset)).toBe("''a''")
  })
})
