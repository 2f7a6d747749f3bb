import { describe, expect, test } from 'vitest'
import { suggest } from './suggest.ts'

describe('a suggestion', () => {
  test('is the nearest of several', () => {
    expect(suggest('timeuot', ['time', 'timeout', 'title'])).toBe('timeout')
  })

  test('takes two neighbours that changed places for one edit', () => {
    expect(suggest('oen', ['one'])).toBe('one')
  })

  test('is at most a third of the word away', () => {
    expect(suggest('need', ['needs'])).toBe('needs')
    expect(suggest('nd', ['needs', 'id'])).toBeUndefined()
    expect(suggest('abcdef', ['xycdef'])).toBe('xycdef')
    expect(suggest('abcde', ['xycde'])).toBeUndefined()
  })

  test('does not look at case', () => {
    expect(suggest('FailFast', ['failFast'])).toBe('failFast')
  })

  test('is not searched for a word of hundreds of letters', () => {
    expect(suggest('a'.repeat(500), ['a'.repeat(499)])).toBeUndefined()
  })
})
