import { describe, test } from 'vitest'
import { expectTold } from './marked-text.fixture.ts'

const loop = (test: string, verdict: string): string => `
  - id: loop
    repeat: { max: 3, ${test}, initial: { verdict: open } }
    do: [{ id: ask, uses: work }]
    output: { verdict: "\${{ ${verdict} }}" }`

describe('a memory', () => {
  test.for<[string, string, string, readonly string[]]>([
    [
      'may be anything where an iteration may give anything',
      'while: previous.verdict != "done"',
      'steps.ask.output',
      [],
    ],
    ['is what it begins with, or what is given', 'while: previous.verdict != "a"', 'input.kind', []],
    ['is nothing else', 'while: previous.verdict != ▸"done"', 'input.kind', ['IMPOSSIBLE_COMPARISON']],
  ])('%s', ([, condition, verdict, codes]) => expectTold(loop(condition, verdict), codes))
})
