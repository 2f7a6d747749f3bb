import { functionNames } from '@segno/schema/editor'
import { describe, expect, test } from 'vitest'
import { expressionCursor } from './expression-cursor.ts'
import { knownFunctions } from './expression-functions.ts'

describe('a place in an expression', () => {
  test.for([
    ['inp', { word: 'inp', variables: [] }],
    ['a && steps.', { word: '', receiver: 'steps', variables: [] }],
    ['steps.x.output.ver', { word: 'ver', receiver: 'steps.x.output', variables: [] }],
    ['steps["x"].output[0].', { word: '', receiver: 'steps["x"].output[0]', variables: [] }],
    ['steps["re', { word: 're', receiver: 'steps', quote: '"', variables: [] }],
    ['(a + b).', { word: '', receiver: '(a + b)', variables: [] }],
    ['size(x).', { word: '', receiver: 'size(x)', variables: [] }],
    ['a.split(",").', { word: '', receiver: 'a.split(",")', variables: [] }],
    ['input.kind == "a', { word: 'a', quote: '"', compared: 'input.kind', variables: [] }],
    ['input.kind == ', { word: '', compared: 'input.kind', variables: [] }],
    ['xs.filter(x, x.', { word: '', receiver: 'x', variables: [{ name: 'x', list: 'xs' }] }],
    ['[1].map(y, y).all(z, z', { word: 'z', variables: [{ name: 'z', list: '[1].map(y, y)' }] }],
    ['', { word: '', variables: [] }],
    ['1 + .', { word: '', variables: [] }],
  ] as const)('%s', ([text, cursor]) => {
    expect(expressionCursor(text)).toEqual(cursor)
  })
})

test('every function of the language is told, and no other', () => {
  expect([...knownFunctions.keys()].toSorted()).toEqual(functionNames.toSorted())
})
