import { describe, expect, test } from 'vitest'
import { TextDocument } from 'vscode-languageserver-textdocument'
import { type CompletionItem, TextEdit } from 'vscode-languageserver-types'
import { completionsAt } from './completions.ts'
import { contextOf, marked, workflow } from './marked.fixture.ts'

const steps = [
  'steps:',
  '  - id: draft',
  '    title: A draft',
  '    run: make',
  '    output: { from: json }',
  '  - id: loop',
  '    forEach: { in: input.items, as: one }',
  '    do:',
  '      - { id: inner, set: { x: 1 } }',
]

function offered(text: string, files: Readonly<Record<string, string>> = {}): Map<string, CompletionItem> {
  const { context, offset } = marked(text, files)
  return new Map(completionsAt(context, offset).map((item) => [item.label, item]))
}

function labels(text: string, files: Readonly<Record<string, string>> = {}): string[] {
  return [...offered(text, files).keys()]
}

/** The text once what is offered under a label has been put in. */
function taken(text: string, label: string): string {
  const { context, offset } = marked(text)
  const item = completionsAt(context, offset).find((one) => one.label === label)
  if (!item?.textEdit || !('range' in item.textEdit)) throw new Error(`${label} is not offered`)
  return TextDocument.applyEdits(context.document, [TextEdit.replace(item.textEdit.range, item.textEdit.newText)])
}

describe('keys', () => {
  test('of the document are those that it has not', () => {
    const found = labels('segno: 1\nna|\n')
    expect(found).toEqual(expect.arrayContaining(['name', 'steps', 'input']))
    expect(found).not.toContain('segno')
  })

  test('are told in the words of the schema, and come with a colon', () => {
    const text = workflow('desc|')
    expect(offered(text).get('description')).toMatchObject({ documentation: { value: 'For people.' } })
    expect(taken(text, 'description')).toBe(workflow('description: '))
  })

  test('come without a second colon', () => {
    expect(taken(workflow('desc|: x'), 'description')).toBe(workflow('description: x'))
  })

  test('of a step without a verb are the verbs', () => {
    const found = labels(workflow('steps:', '  - id: a', '    |'))
    expect(found).toEqual(expect.arrayContaining(['uses', 'exec', 'set', 'forEach', 'uses step', 'if']))
    expect(found).not.toContain('cases')
  })

  test.for([
    ['set: { x: 1 }', 'title', 'retry'],
    ['uses: a', 'retry', 'shell'],
    ['run: a', 'shell', 'cases'],
    ['match: input.x', 'cases', 'shell'],
  ])('of a step with %s have %s and not %s', ([verb = '', has, hasNot]) => {
    const found = labels(workflow('steps:', '  - id: a', `    ${verb}`, '    |'))
    expect(found).toContain(has)
    expect(found).not.toContain(hasNot)
  })

  test('stand between others, and before them', () => {
    expect(labels(workflow('steps:', '  - id: a', '    ti|', '    run: make'))).toContain('timeout')
    expect(labels(workflow('steps:', '  - |', '    run: make'))).toContain('id')
    expect(labels(workflow('steps:', '  - { id: a, run: make, sh| }'))).toContain('shell')
    expect(labels(workflow('steps:', '  - { id: a, run: make, sh|'))).toContain('shell')
  })

  test('of maps inside are those of the map', () => {
    expect(labels(workflow(...steps.slice(0, 4), '    retry: { ma| }'))).toEqual(
      expect.arrayContaining(['max', 'maxDelay']),
    )
    expect(labels(workflow('input:', '  brief:', '    type: string', '    def|'))).toContain('default')
  })

  test('of with are the inputs of the workflow that is called', () => {
    const files = { 'flows/lib/other.segno.yaml': workflow('input: { text: { type: string }, n: { default: 1 } }') }
    const text = workflow(
      'imports: { other: lib/other.segno.yaml }',
      'steps:',
      '  - id: a',
      '    call: other',
      '    with:',
      '      |',
    )
    expect(offered(text, files).get('text')).toMatchObject({ detail: 'string, required' })
    expect(labels(text, files)).toEqual(expect.arrayContaining(['text', 'n']))
  })
})

describe('a snippet of a verb', () => {
  test('brings the whole step', () => {
    const found = offered(workflow('steps:', '  - |')).get('forEach step')
    expect(found?.textEdit).toMatchObject({
      newText:
        'id: ${3:each}\n  forEach:\n    in: ${4:input.items}\n  do:\n    - id: ${1:do_it}\n      set:\n        value: ${2:1}',
    })
  })

  test('leaves out the id that is there', () => {
    expect(offered(workflow('steps:', '  - id: a', '    |')).get('sleep step')?.textEdit).toMatchObject({
      newText: 'sleep: ${2:10m}',
    })
  })
})

describe('values', () => {
  test('that are one of a few are offered with what they mean', () => {
    expect(offered(workflow('steps:', '  - id: a', '    uses: b', '    effect: |')).get('once')).toBeDefined()
    expect(labels(workflow('steps:', '  - id: a', '    parallel: []', '    failFast: |'))).toEqual(['true', 'false'])
  })

  test('of needs are the siblings', () => {
    const parallel = [
      'steps:',
      '  - id: all',
      '    parallel:',
      '      - { id: a, run: x }',
      '      - { id: b, run: y }',
    ]
    expect(labels(workflow(...parallel, '      - { id: c, run: z, needs: [|] }'))).toEqual(['a', 'b'])
    expect(labels(workflow(...parallel, '      - id: c', '        needs:', '          - |'))).toEqual(['a', 'b'])
  })

  test.for([
    ['imports: { other: a.yaml }', 'call: |', 'other'],
    ['agents: { writer: { provider: x } }', 'agent: wr|', 'writer'],
    ['artifacts: { design: { path: a.md } }', 'uses: b\n    consumes: [|]', 'design'],
    ['input: { brief: { type: path } }', 'uses: b\n    consumes: [|]', 'brief'],
    ['secrets: [KEY]', 'uses: b\n    secrets: [|]', 'KEY'],
  ])('with %s, %s offers %s', ([declared = '', written, name]) => {
    expect(labels(workflow(declared, 'steps:', '  - id: a', `    ${written}`))).toEqual([name])
  })

  test('of to and initial are the states of their machine', () => {
    const states = [
      'steps:',
      '  - id: life',
      '    initial: open',
      '    states:',
      '      open: { on: { go: { to: | } } }',
      '      done: {}',
    ]
    expect(labels(workflow(...states))).toEqual(['open', 'done'])
    const text = workflow(...states)
      .replace('to: |', 'to: done')
      .replace('initial: open', 'initial: |')
    expect(labels(text)).toEqual(['open', 'done'])
  })

  test('of imports are the other workflows, from the folder of this one', () => {
    const files = { 'flows/main.segno.yaml': '', 'flows/lib/a.segno.yaml': '', 'b.segno.yaml': '' }
    expect(labels(workflow('imports:', '  a: |'), files)).toEqual(
      expect.arrayContaining(['./lib/a.segno.yaml', '../b.segno.yaml']),
    )
  })
})

describe('names in an expression', () => {
  const before = ['input: { items: { type: array }, who: { type: string, description: For whom. } }', ...steps]

  test('after steps. are the steps that can be seen, the nearest first', () => {
    expect(labels(workflow(...before, '  - id: end', '    if: steps.|', '    set: { x: 1 }'))).toEqual([
      'draft',
      'loop',
    ])
    expect(labels(workflow(...before, '      - { id: x, set: { y: "${{ steps.| }}" } }'))).toEqual(['inner', 'draft'])
  })

  test.for([
    ['a text in quotes that is not closed', '      - { id: x, set: { y: "${{ steps.|'],
    ['a text without quotes', '      - id: x\n        set:\n          y: ${{ steps.dr| }}'],
    [
      'a block of text',
      '      - id: x\n        run: a\n        env:\n          A: >\n            at ${{ steps.dr| }} it',
    ],
    ['a slot without a value', '      - id: x\n        set: { a: 1 }\n        if: steps["|'],
  ])('are found in %s', ([, line = '']) => {
    expect(labels(workflow(...before, line))).toContain('draft')
  })

  test('after input. are the inputs, with what they are', () => {
    expect(offered(workflow(...before, '  - { id: x, assert: input.wh| }')).get('who')).toMatchObject({
      detail: 'text',
      documentation: { value: 'For whom.' },
    })
  })

  test('are variables and functions where nothing is read yet', () => {
    const found = labels(workflow(...before, '      - id: x', '        if: si|', '        set: { x: 1 }'))
    expect(found).toEqual(expect.arrayContaining(['one', 'index', 'input', 'steps', 'run', 'size', 'has']))
    expect(found).not.toContain('error')
    expect(found).not.toContain('startsWith')
  })

  test('are the fields of a step, a run and a failure', () => {
    expect(labels(workflow(...before, '  - { id: x, assert: steps.draft.s| }'))).toContain('status')
    expect(labels(workflow(...before, '  - { id: x, assert: run.| }'))).toContain('startedAt')
  })

  test('are the methods of a value', () => {
    expect(offered(workflow(...before, '  - { id: x, assert: input.who.| }')).get('startsWith')).toMatchObject({
      detail: 'text.startsWith(part) -> boolean',
      textEdit: { newText: 'startsWith($1)' },
    })
  })

  test('are none where a string is written', () => {
    expect(labels(workflow(...before, '  - id: x', '    assert: input.who == "ste|"'))).toEqual([])
  })

  test('are not offered in plain text', () => {
    expect(labels(workflow(...before, '  - id: x', '    title: steps.|', '    set: { x: 1 }'))).toEqual([])
    expect(labels(workflow(...before, '  - id: x', '    set: { x: steps.| }'))).toEqual([])
  })
})

describe('types', () => {
  const typed = [
    'input: { kind: { enum: [new, "old one"] }, rows: { type: array, items: { type: object, properties: { n: { type: integer } } } } }',
    'steps:',
    '  - id: review',
    '    agent: a',
    '    prompt: p',
    '    output: { schema: { type: object, required: [verdict], properties: { verdict: { enum: [yes, no] }, why: { type: string } } } }',
  ]

  test('of the fields of an output are told', () => {
    const found = offered(workflow(...typed, '  - { id: x, assert: steps.review.output.| }'))
    expect(found.get('verdict')).toMatchObject({ detail: '"yes" or "no"' })
    expect(found.get('why')).toMatchObject({ detail: 'text, may be missing' })
    expect([...found.keys()]).toEqual(['verdict', 'why', 'size'])
  })

  test('of elements are known inside of macros', () => {
    const found = offered(workflow(...typed, '  - { id: x, assert: "input.rows.all(row, row.|" }'))
    expect(found.get('n')).toMatchObject({ detail: 'an integer, may be missing' })
  })

  test.for([
    ['steps.review.output.verdict == |', ['"yes"', '"no"']],
    ['steps.review.output.verdict == "y|"', ['yes', 'no']],
    ["input.kind != 'o|", ['new', 'old one']],
  ] as const)('say what may be compared: %s', ([text, expected]) => {
    const found = labels(workflow(...typed, '  - id: x', '    set: { a: 1 }', `    if: ${text}`))
    expect(found.slice(0, 2)).toEqual(expected)
  })

  test('say which methods a value has', () => {
    const ofText = labels(workflow(...typed, '  - { id: x, assert: input.kind.| }'))
    expect(ofText).toContain('contains')
    expect(ofText).not.toContain('filter')
    const ofList = labels(workflow(...typed, '  - { id: x, assert: input.rows.| }'))
    expect(ofList).toContain('filter')
    expect(ofList).not.toContain('contains')
  })

  test('give the cases that are not there yet', () => {
    const match = ['  - id: x', '    match: input.kind', '    cases:', '      new: []', '      |']
    expect(labels(workflow(...typed, ...match))).toEqual(['old one'])
  })
})

test('an empty text is a workflow to be', () => {
  expect(completionsAt(contextOf(''), 0).map(({ label }) => label)).toEqual(
    expect.arrayContaining(['segno', 'workflow']),
  )
})
