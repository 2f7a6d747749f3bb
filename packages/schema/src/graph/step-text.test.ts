import { describe, expect, test } from 'vitest'
import type { Step } from '../definition.ts'
import { cutText } from './cut-text.ts'
import { detailOf, expressionText } from './step-text.ts'

const details: readonly (readonly [step: object, detail: string | undefined])[] = [
  [{ uses: 'mail.send@2' }, 'mail.send@2'],
  [{ exec: ['git', 'rev-parse', 'HEAD'] }, 'git rev-parse HEAD'],
  [{ run: 'make all\n' }, 'make all'],
  [{ run: 'a\nb\n', shell: 'bash' }, 'bash · 2 lines'],
  [{ agent: 'writer', prompt: 'x' }, 'writer'],
  [{ agent: 'writer', prompt: 'x', candidates: [{ agent: 'a' }, { agent: 'b' }] }, 'writer · 2 candidates'],
  [{ http: { url: 'https://api.example.com/v1?key=1' } }, 'GET api.example.com'],
  [{ http: { method: 'POST', url: '${{ input.base }}/x?key=1' } }, 'POST ${{ input.base }}/x'],
  [{ call: 'review' }, 'review'],
  [{ start: 'review', wait: false, detached: true }, 'review · not awaited · detached'],
  [{ set: { a: 1, b: 2 } }, 'a, b'],
  [{ assert: '${{ x > 1 }}' }, 'x > 1'],
  [{ sleep: '10m', timeout: '1h' }, '10m'],
  [{ sleepUntil: '2026-01-31T06:00:00Z' }, '2026-01-31T06:00:00Z'],
  [{ waitFor: { signal: 'go' }, timeout: '2d' }, 'go · at most 2d'],
  [{ ask: { title: 'Ship it?', choices: ['yes', 'no'] } }, 'Ship it?'],
  [{ watch: { glob: 'out/*.json' } }, 'out/*.json'],
  [{ emit: { signal: 'done', to: 'run_1' } }, 'done to run_1'],
  [{ parallel: [], concurrency: 2, join: { atLeast: 3 }, failFast: false }, '2 at a time · at least 3 · to the end'],
  [{ parallel: [], join: 'all' }, undefined],
  [{ forEach: { in: 'x', concurrency: 4, collect: true }, do: [] }, '4 at a time · failures are collected'],
  [{ repeat: { max: 3, every: '5s' }, do: [] }, 'every 5s'],
  [{ return: { a: 1 } }, 'a'],
  [{ fail: { code: 'NO', message: 'x' } }, 'NO'],
  [{ do: [] }, undefined],
]

describe('what a step works with is told in a few words:', () => {
  test.for(details)('%j', ([step, detail]) => {
    expect(detailOf({ id: 'a', ...step } as Step)).toBe(detail)
  })
})

test('an expression is shown without its marks', () => {
  expect(expressionText('${{ a > 1 }}')).toBe('a > 1')
  expect(expressionText('${{ a }} and ${{ b }}')).toBe('${{ a }} and ${{ b }}')
  expect(expressionText(true)).toBe('true')
})

describe('a text that is shown', () => {
  test('is on one line, and cut between characters', () => {
    expect(cutText(' a\n b ', 10)).toBe('a b')
    expect(cutText('abcdef', 4)).toBe('abc…')
    expect(cutText('👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦', 2)).toBe('👩‍👩‍👧‍👦…')
    expect(cutText('x'.repeat(1_000_000), 3)).toBe('xx…')
  })

  test('holds nothing that moves a cursor or turns the direction of text', () => {
    expect(cutText('\u001b[31m\u202egnp.exe\ud800', 20)).toBe('\ufffd[31m\ufffdgnp.exe\ufffd')
  })

  test('is never empty', () => {
    expect(cutText(' \n', 20)).toBe('(empty)')
  })
})
