import { describe, expect, test } from 'vitest'
import { TextDocument } from 'vscode-languageserver-textdocument'
import { contextOf, workflow } from './marked.fixture.ts'
import { problemOf } from './problems.ts'
import { fixAllKind, fixesAt, type ToldProblem } from './quick-fixes.ts'
import { problemsIn } from './told-problems.ts'

const uri = 'file:///project/flows/main.segno.yaml'
const links = {
  uriOf: (file: string) => `file:///project/${file}`,
  docsOf: (docUrl: string) => `https://docs/${docUrl}`,
}

function told(text: string, files: Readonly<Record<string, string>> = {}): ToldProblem[] {
  const context = contextOf(text, files)
  const { diagnostics } = problemsIn(context)
  return diagnostics.map((diagnostic) => ({ diagnostic, problem: problemOf(diagnostic, context.file, links) }))
}

describe('a problem', () => {
  test('has its code, a link to it, and a hint', () => {
    const [found] = told(workflow('steps: [{ id: a, asert: true }]'))
    expect(found?.problem).toEqual({
      ...{ severity: 1, code: 'NO_VERB', source: 'segno', message: 'the step has no verb\ndid you mean "assert"?' },
      codeDescription: { href: 'https://docs/docs/09-errors.md#no_verb' },
      range: { start: { line: 2, character: 17 }, end: { line: 2, character: 22 } },
    })
  })

  test('leads to other places that one has to look at', () => {
    const [found] = told(workflow('steps: [{ id: a, run: x }, { id: A, run: x }]'))
    expect(found?.problem.relatedInformation).toEqual([
      {
        message: 'it is taken here',
        location: { uri, range: { start: { line: 2, character: 14 }, end: { line: 2, character: 15 } } },
      },
    ])
  })

  test('of a file that is imported stands at its import', () => {
    const files = { 'flows/lib/other.segno.yaml': workflow('steps: [{ id: a, asert: true }]') }
    const found = told(workflow('imports: { other: ./lib/other.segno.yaml }', 'steps: [{ id: a, call: other }]'), files)
    expect(found.map(({ problem }) => problem)).toMatchObject([
      {
        code: 'IMPORT_INVALID',
        relatedInformation: [
          { message: 'NO_VERB: the step has no verb', location: { uri: links.uriOf('flows/lib/other.segno.yaml') } },
        ],
      },
    ])
  })
})

describe('fixes', () => {
  const text = workflow('steps:', '  - id: a', '    asert: true', '  - id: b', '    runn: x')

  test('are offered where the problem is', () => {
    const problems = told(text)
    const titles = (line: number): string[] => {
      const at = { line, character: 5 }
      return fixesAt(problems, { start: at, end: at }, uri).flatMap(({ title, kind }) =>
        kind === fixAllKind ? [] : title,
      )
    }
    expect([titles(4), titles(6), titles(2)]).toEqual([['Change to "assert"'], ['Change to "run"'], []])
  })

  test('are all put in at once', () => {
    const start = { line: 0, character: 0 }
    const all = fixesAt(told(text), { start, end: start }, uri).find(({ kind }) => kind === fixAllKind)
    const fixed = TextDocument.applyEdits(TextDocument.create(uri, 'yaml', 1, text), all?.edit?.changes?.[uri] ?? [])
    expect(fixed).toBe(text.replace('asert', 'assert').replace('runn', 'run'))
  })

  test('of a text without problems are none', () => {
    const start = { line: 0, character: 0 }
    expect(fixesAt([], { start, end: start }, uri)).toEqual([])
  })
})
