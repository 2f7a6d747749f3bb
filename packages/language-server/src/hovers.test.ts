import { loadWorkflow } from '@segno/schema'
import { describe, expect, test } from 'vitest'
import { MarkupContent } from 'vscode-languageserver-types'
import { hoverAt } from './hovers.ts'
import { marked, workflow } from './marked.fixture.ts'

function told(...lines: readonly string[]): string | undefined {
  const { context, offset } = marked(workflow(...lines))
  const contents = hoverAt(context, offset, [])?.contents
  return MarkupContent.is(contents) ? contents.value : undefined
}

describe('a hover tells', () => {
  test.for([
    ['a key', ['steps:', '  - id: a', '    forE|ach: { in: [] }', '    do: []'], /^\*\*forEach\*\*: /],
    [
      'a key deep inside',
      ['steps:', '  - id: a', '    uses: b', '    retry: { ma|x: 1 }'],
      'Retries after the first attempt.',
    ],
    [
      'a value that is one of a few',
      ['steps:', '  - id: a', '    uses: b', '    retry: { max: 1, backoff: const|ant }'],
      'All delays are the same.',
    ],
    [
      'a step, with its title',
      ['steps:', '  - { id: a, title: First, uses: b }', '  - { id: c, assert: steps.a|.status }'],
      '**a**: uses b: First',
    ],
    [
      'an input',
      ['input: { who: { enum: [a, b], description: For whom. } }', 'steps: [{ id: c, assert: input.wh|o }]'],
      '**input.who**: "a" or "b"\n\nAn input of this workflow.\n\nFor whom.',
    ],
    ['a function', ['steps: [{ id: c, assert: siz|e(input) > 1 }]'], /```\nsize\(x\) -> integer\n/],
    [
      'a method',
      ['steps: [{ id: c, set: { x: "${{ run.id.start|sWith(1) }}" } }]'],
      'text.startsWith(part) -> boolean',
    ],
    ['a field of a step', ['steps: [{ id: a, run: x }, { id: c, assert: steps.a.dura|tionMs }]'], 'in milliseconds'],
    ['a field of the run', ['steps: [{ id: c, set: { x: "${{ run.start|edAt }}" } }]'], '**run.startedAt**'],
    ['a variable', ['steps: [{ id: c, assert: ru|n.id }]'], 'The run: '],
    [
      'a variable of a loop',
      ['steps: [{ id: c, forEach: { in: [], as: one }, do: [{ id: d, assert: on|e }] }]'],
      'an item of the list',
    ],
  ] as const)('%s', ([, lines, expected]) => {
    expect(told(...lines)).toMatch(expected)
  })

  test.for([
    [
      'what a field of an output is, and where it comes from',
      ['steps:', '  - { id: a, run: x, output: { from: lines } }', '  - { id: c, assert: size(steps.a.out|put) > 1 }'],
      '**steps.a.output**: a list of text',
    ],
    [
      'what a step gives',
      ['steps:', '  - { id: a|, run: x, output: { from: lines } }', '  - { id: c, assert: size(steps.a.output) > 1 }'],
      'It gives a list of text.',
    ],
    [
      'what a variable of a macro is',
      [
        'input: { xs: { type: array, items: { type: number } } }',
        'steps: [{ id: c, assert: "input.xs.all(x, x| > 1)" }]',
      ],
      '**x**: a number\n\nAn element of `input.xs`.',
    ],
    [
      'what an item is',
      [
        'input: { xs: { type: array, items: { type: number } } }',
        'steps: [{ id: c, forEach: { in: input.xs }, do: [{ id: d, assert: it|em > 1 }] }]',
      ],
      '**item**: a number',
    ],
  ] as const)('%s', ([, lines, expected]) => {
    expect(told(...lines)).toContain(expected)
  })

  test('nothing of a text that is not about names', () => {
    expect(told('steps:', '  - { id: a, title: A ti|tle, run: x }')).toBeUndefined()
  })

  test('what a code means where something is wrong', () => {
    const { context, offset } = marked(workflow('steps:', '  - { id: a, assert: steps.no|ne.status }'))
    const { diagnostics } = loadWorkflow(context.document.getText(), { file: context.file })
    expect(hoverAt(context, offset, diagnostics)?.contents).toMatchObject({
      value: '**UNKNOWN_STEP**: No step has this id.',
    })
  })
})
