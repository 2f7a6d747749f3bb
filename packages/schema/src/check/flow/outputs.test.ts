import { describe, test } from 'vitest'
import { expectTold } from './marked-text.fixture.ts'

describe('what is watched for gives', () => {
  test.for<[string, string, readonly string[]]>([
    ['one file', '0', []],
    ['no second one for certain', '▸1', ['MAYBE_MISSING']],
  ])('%s', ([, index, codes]) =>
    expectTold(
      `
      - { id: a, watch: { glob: '*.txt' }, timeout: 1h }
      - { id: b, set: { file: "\${{ steps.a.output.files[${index}] }}" } }`,
      codes,
    ),
  )

  test.for<[string, string, string, readonly string[]]>([
    ['as many files as it waits for', '2', '1', []],
    ['none for certain where the number is computed', '"${{ input.number }}"', '▸0', ['MAYBE_MISSING']],
  ])('%s', ([, minCount, index, codes]) =>
    expectTold(
      `
      - { id: a, watch: { glob: '*.txt', minCount: ${minCount} }, timeout: 1h }
      - { id: b, set: { file: "\${{ steps.a.output.files[${index}] }}" } }`,
      codes,
    ),
  )
})
