import { describe, expect, test } from 'vitest'
import { RunDocument } from 'segno'
import { readPage, root, rowsOf, sectionOf } from './page.ts'
import { readFileSync } from 'node:fs'

const page = readPage('docs/02-concepts.md')

describe('the page about concepts explains each status', () => {
  const { shape } = RunDocument
  const steps = shape.steps.def.element.shape.status.options

  test('of a run', () => {
    expect(wordsOf('Status of a run').toSorted()).toEqual([...shape.status.options].toSorted())
  })

  test('of a step; a document has a step that is ready as running', () => {
    expect(wordsOf('Status of a step').toSorted()).toEqual([...steps, 'ready'].toSorted())
  })
})

test('the effect classes are those of the language', () => {
  const schema = readFileSync(`${root}packages/schema/json/workflow.schema.json`, 'utf8')
  const { $defs } = JSON.parse(schema) as {
    $defs: { UsesStep: { properties: { effect: { enum: string[] } } } }
  }
  expect(wordsOf('Effect classes')).toEqual($defs.UsesStep.properties.effect.enum)
})

function wordsOf(heading: string): string[] {
  return rowsOf(sectionOf(page, heading)).map(([word = '']) => word.replaceAll('`', ''))
}
