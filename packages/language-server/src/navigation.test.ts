import { describe, expect, test } from 'vitest'
import { TextDocument } from 'vscode-languageserver-textdocument'
import type { Range } from 'vscode-languageserver-types'
import { definitionsAt } from './definitions.ts'
import { marked, contextOf, workflow } from './marked.fixture.ts'
import { outlineOf } from './outline.ts'
import { highlightsAt, referencesAt } from './references.ts'
import { renameableAt, renameAt } from './rename.ts'

/** One text with the same name in every place that it may have. */
const whole = workflow(
  'input: { who: { type: string }, brief: { type: path } }',
  'agents: { writer: { provider: x } }',
  'secrets: [KEY]',
  'artifacts: { design: { path: a.md } }',
  'imports: { other: ./lib/other.segno.yaml }',
  'output: { said: { type: string, value: "${{ steps.draft.output.text }}" } }',
  'steps:',
  '  - id: draft',
  '    agent: writer',
  '    prompt: { file: prompts/draft.md }',
  '    consumes: [brief]',
  '    produces: { design: {} }',
  '  - id: all',
  '    parallel:',
  '      - { id: a, uses: b, secrets: [KEY], with: { k: "${{ secrets.KEY }}" } }',
  "      - { id: b, needs: [a, 'a'], run: 'x', env: { N: 'it''s ${{ steps.draft.status }} by ${{ input.who }}' } }",
  '  - id: loop',
  '    forEach: { in: [1], as: one }',
  '    do:',
  '      - id: inner',
  '        set:',
  '          folded: >-',
  '            first ${{ one }} line',
  '            and ${{ steps["draft"].output.text + "\\u00e9" }} and ${{',
  '              steps.draft.attempts }}',
  '          quoted: "\\u00e9 ${{ steps.draft.output.draft }}\\n"',
  '          literal: |',
  '            draft ${{ steps.draft.output.text }}',
  '  - id: call',
  '    call: other',
  '    with: { text: x }',
  '  - id: life',
  '    initial: open',
  '    states: { open: { on: { go: { to: done }, back: [{ to: open }] }, after: { 1h: { to: done } } }, done: {} }',
)

function withCursor(around: string, cut: number): { text: string; offset: number } {
  const at = whole.indexOf(around)
  if (at === -1) throw new Error(`no ${around}`)
  return { text: whole, offset: at + cut }
}

function textsAt(text: string, ranges: readonly Range[]): string[] {
  const document = TextDocument.create('file:///a', 'yaml', 1, text)
  return ranges.map(({ start, end }) => {
    const line = document.getText({
      start: { line: start.line, character: 0 },
      end: { line: start.line + 1, character: 0 },
    })
    return `${line.slice(0, start.character)}[${document.getText({ start, end })}]${line.slice(end.character)}`.trim()
  })
}

const files = { 'flows/lib/other.segno.yaml': workflow('input:', '  text: { type: string }') }

describe('the definition', () => {
  test.for([
    ['steps.draft.output', 7, '- id: [draft]'],
    ['input.who', 7, 'input: { [who]: { type: string }, brief: { type: path } }'],
    ['needs: [a', 8, '- { id: [a], uses: b, secrets: [KEY], with: { k: "${{ secrets.KEY }}" } }'],
    ['agent: writer', 8, 'agents: { [writer]: { provider: x } }'],
    ['secrets.KEY', 9, 'secrets: [[KEY]]'],
    ['produces: { design', 14, 'artifacts: { [design]: { path: a.md } }'],
    ['consumes: [brief', 12, 'input: { who: { type: string }, [brief]: { type: path } }'],
    ['{{ one }', 4, 'forEach: { in: [1], as: [one] }'],
    [
      'initial: open',
      10,
      'states: { [open]: { on: { go: { to: done }, back: [{ to: open }] }, after: { 1h: { to: done } } }, done: {} }',
    ],
  ] as const)('of %s is where it is declared', ([around, cut, line]) => {
    const { text, offset } = withCursor(around, cut)
    const found = definitionsAt(contextOf(text, files), offset)
    expect(found.map(({ file }) => file)).toEqual(['flows/main.segno.yaml'])
    expect(
      textsAt(
        text,
        found.map(({ range }) => range),
      ),
    ).toEqual([line])
  })

  test('of what is called is its import, and its file', () => {
    const { text, offset } = withCursor('call: other', 8)
    expect(definitionsAt(contextOf(text, files), offset).map(({ file }) => file)).toEqual([
      'flows/main.segno.yaml',
      'flows/lib/other.segno.yaml',
    ])
  })

  test('of what is given to another workflow is its input', () => {
    const { text, offset } = withCursor('with: { text: x', 9)
    expect(definitionsAt(contextOf(text, files), offset)).toEqual([
      {
        file: 'flows/lib/other.segno.yaml',
        range: { start: { line: 3, character: 2 }, end: { line: 3, character: 6 } },
      },
    ])
  })

  test.for([
    ['./lib/other', 'flows/lib/other.segno.yaml'],
    ['prompts/draft', 'flows/prompts/draft.md'],
  ] as const)('of the path %s is the file', ([around, file]) => {
    const { text, offset } = withCursor(around, 4)
    expect(definitionsAt(contextOf(text, files), offset).map((place) => place.file)).toEqual([file])
  })

  test('is found in an expression that cannot be parsed', () => {
    const { context, offset } = marked(
      workflow('steps:', '  - { id: a, run: x }', '  - { id: b, assert: 1 + + steps.a|.status }'),
    )
    expect(definitionsAt(context, offset)).toHaveLength(1)
  })
})

describe('references', () => {
  test('of a step are all places that mean it, and its id if it is asked for', () => {
    const { text, offset } = withCursor('id: draft', 5)
    expect(textsAt(text, referencesAt(contextOf(text), offset, true))).toEqual([
      'output: { said: { type: string, value: "${{ steps.[draft].output.text }}" } }',
      '- id: [draft]',
      "- { id: b, needs: [a, 'a'], run: 'x', env: { N: 'it''s ${{ steps.[draft].status }} by ${{ input.who }}' } }",
      'and ${{ steps["[draft]"].output.text + "\\u00e9" }} and ${{',
      'steps.[draft].attempts }}',
      'quoted: "\\u00e9 ${{ steps.[draft].output.draft }}\\n"',
      'draft ${{ steps.[draft].output.text }}',
    ])
    expect(referencesAt(contextOf(text), offset, false)).toHaveLength(6)
  })

  test('are highlighted, the declaration as what writes', () => {
    const { text, offset } = withCursor('needs: [a', 8)
    expect(highlightsAt(contextOf(text), offset).map(({ kind }) => kind)).toEqual([3, 2, 2])
  })
})

describe('a new name', () => {
  test('is put wherever a step is meant, and nowhere else', () => {
    const { text, offset } = withCursor('id: draft', 5)
    const renamed = renameAt(contextOf(text), offset, 'first')
    const edits = 'edits' in renamed ? [...renamed.edits] : []
    const expected = text
      .replaceAll('steps.draft', 'steps.first')
      .replace('steps["draft"]', 'steps["first"]')
      .replace('id: draft', 'id: first')
    expect(TextDocument.applyEdits(TextDocument.create('', '', 1, text), edits)).toBe(expected)
  })

  test.for([
    ['input.who', 7, 'whom', ['{ whom:', 'input.whom']],
    ['initial: open', 10, 'begin', ['initial: begin', '{ begin:', '[{ to: begin }]']],
    ['call: other', 8, 'lib', ['imports: { lib:', 'call: lib']],
    ['agent: writer', 8, 'author', ['agents: { author:', 'agent: author']],
  ] as const)('of %s is put everywhere too', ([around, cut, name, places]) => {
    const { text, offset } = withCursor(around, cut)
    const renamed = renameAt(contextOf(text), offset, name)
    const edits = 'edits' in renamed ? [...renamed.edits] : []
    const after = TextDocument.applyEdits(TextDocument.create('', '', 1, text), edits)
    for (const place of places) expect(after).toContain(place)
  })

  test.for([
    ['LOOP', 'the name "loop" is taken'],
    ['no name', '"no name" is no name: a letter, then letters, digits and _; at most 64'],
    ['in', '"in" is a word of expressions and cannot be a name'],
  ] as const)('is not %s', ([name, reason]) => {
    const { text, offset } = withCursor('id: draft', 5)
    expect(renameAt(contextOf(text), offset, name)).toEqual({ reason })
  })

  test('is not given to what is declared nowhere, or in a text that is no YAML', () => {
    const { context, offset } = marked(workflow('steps:', '  - { id: a, assert: steps.be|.status }'))
    expect(renameableAt(context, offset)).toEqual({ reason: 'no step "be" is declared in this file' })
    const broken = marked(workflow('steps:', '  - { id: a|, run: [ }'))
    expect(renameableAt(broken.context, broken.offset)).toHaveProperty('reason')
  })

  test('is asked for with the old one', () => {
    const { text, offset } = withCursor('steps.draft.output', 7)
    expect(renameableAt(contextOf(text), offset)).toMatchObject({ placeholder: 'draft' })
  })
})

test('the outline has what is declared, and each step inside of its block', () => {
  const outline = outlineOf(contextOf(whole))
  const names = (list: typeof outline): unknown[] =>
    list.map(({ name, children = [] }) => (children.length === 0 ? name : [name, names(children)]))
  expect(names(outline)).toEqual([
    ['input', ['who', 'brief']],
    ['agents', ['writer']],
    ['artifacts', ['design']],
    ['imports', ['other']],
    ['output', ['said']],
    'draft',
    ['all', ['a', 'b']],
    ['loop', ['inner']],
    'call',
    'life',
  ])
  expect(outline[5]).toMatchObject({ detail: 'agent writer' })
})
