import type { Definition } from '@segno/schema'
import { graphOf, toDot, toMermaid, toSvg } from '@segno/schema/graph'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { drawAll } from './draw-all.ts'
import { readSvg } from './read-svg.ts'

/** A definition that shows a text wherever a picture shows one of its author's. */
function showing(text: string): Definition {
  return {
    segno: 1,
    name: 'hostile',
    steps: [
      { id: 'end', title: text, uses: text, if: text },
      { id: 'style', match: text, cases: { [text]: [{ id: 'subgraph', http: { url: text } }], [`${text}2`]: [] } },
      {
        id: 'class',
        title: text,
        initial: text,
        states: {
          [text]: { on: { [text]: { to: 'other', if: text } } },
          other: { do: [{ id: 'graph', ask: { title: text, choices: ['a', 'b'] }, timeout: text }] },
        },
      },
      { id: 'click', try: [{ id: 'node', exec: [text, text] }], catch: [{ on: [text], do: [] }] },
      {
        id: 'default',
        forEach: { in: text, as: text },
        do: [{ id: 'direction', fail: { code: text, message: text } }],
      },
    ],
  }
}

const labels = [
  'say "yes"',
  'a --> b',
  'out"] --> evil["',
  '"]; click s_end callback',
  '%%{init: {"securityLevel": "loose"}}%%',
  '<script>alert(1)</script>',
  '</title></svg><script>',
  ']]>',
  'a & b &amp; c &lt;',
  '${{ steps.a.output["x"] }}',
  '$$x^2$$',
  '`**bold** _it_`',
  '1. list',
  '- list',
  'style a fill:#fff;',
  'fa:fa-car #quot; #35;',
  'back\\slash \\N \\" \\',
  'two\nlines',
  '{a} (b) [c] |d| ~e~ @{f}',
  'مرحبا بالعالم',
  '\u202egnp.exe',
  '👩‍👩‍👧‍👦 🇩🇪 🎉',
  'e\u0301\u0327 ﬂ°°35¶ß',
  '\ud800 lone',
  '\u0000\u0007\u001b[31m',
  '__proto__',
  'end',
]

describe('a text of an author is a text and nothing else in every format:', () => {
  test.for(labels.map((label) => [JSON.stringify(label), label] as const))('%s', async ([, label]) => {
    const graph = graphOf(showing(label))
    const { mermaid, svg } = await drawAll(graph)
    const [first] = graph.nodes.filter(({ id }) => id === 'end')
    expect(mermaid.nodes.some((words) => words.startsWith(`${first?.label}\n`))).toBe(true)
    expect(new Set(svg.all.map(({ name }) => name))).toEqual(elements)
  })

  test('whatever it is', { timeout: 60_000 }, async () => {
    const text = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.constantFrom(...labels))
    await fc.assert(
      fc.asyncProperty(fc.tuple(text, text), async (parts) => {
        await drawAll(graphOf(showing(parts.join(''))))
      }),
      { numRuns: 40 },
    )
  })
})

const elements = new Set(['svg', 'title', 'desc', 'style', 'rect', 'g', 'path', 'circle', 'text', 'tspan'])

test('an SVG asks for nothing from elsewhere, and runs nothing', () => {
  const { all } = readSvg(toSvg(graphOf(showing('javascript:alert(1) url(http://example.com/x)'))))
  const attributes = all.flatMap((element) => Object.keys(element.attributes))
  expect(attributes.filter((name) => name.startsWith('on') || name.includes('href') || name === 'style')).toEqual([])
  const style = all.find(({ name }) => name === 'style')?.text ?? ''
  expect(style).not.toMatch(/url\(|@import|expression|</)
})

test('an SVG has a title, a description of all that it shows, and says that it is one picture', () => {
  const { root, nodes } = readSvg(toSvg(graphOf(showing('x'))))
  const text = (name: string): string => root.children.find((child) => child.name === name)?.text ?? ''
  expect(root.attributes).toMatchObject({ role: 'img', 'aria-labelledby': expect.stringContaining('title') })
  expect(text('title')).toBe('hostile')
  for (const words of nodes) expect(text('desc')).toContain(words.split('\n').join(', '))
})

test('a password in a URL is not shown', () => {
  const url = 'https://ada:secret@api.example.com/v1?token=secret'
  const graph = graphOf({ segno: 1, name: 'x', steps: [{ id: 'get', http: { url } }] })
  expect(graph.nodes.find(({ id }) => id === 'get')?.detail).toBe('GET api.example.com')
  for (const draw of [toMermaid, toDot, toSvg]) expect(draw(graph)).not.toContain('secret')
})
