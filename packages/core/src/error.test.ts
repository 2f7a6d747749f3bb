import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { errorCodes, SegnoError } from './error.ts'

const packages = fileURLToPath(new URL('../..', import.meta.url))
const files = globSync('*/{src,test}/**/*.ts', { cwd: packages }).filter((file) => file !== 'core/src/error.test.ts')
const textOf = (isTest: boolean): string =>
  files
    .filter((file) => file.endsWith('.test.ts') === isTest)
    .map((file) => readFileSync(`${packages}/${file}`, 'utf8'))
    .join()

describe.for(Object.keys(errorCodes))('%s', (code) => {
  test('is thrown somewhere', () => {
    expect(textOf(false)).toMatch(new RegExp(`SegnoError\\(\\s*'${code}'`))
  })

  test('is expected by a test', () => {
    expect(textOf(true)).toContain(`'${code}'`)
  })
})

describe('whether an error is one of ours', () => {
  test('is told by its brand, so that copies of this package know each other', () => {
    const foreign = Object.assign(new Error('x'), { [Symbol.for('segno.error')]: true, code: 'RUN_UNKNOWN' })
    expect(SegnoError.is(foreign)).toBe(true)
    expect(SegnoError.is(foreign, 'RUN_UNKNOWN')).toBe(true)
    expect(SegnoError.is(foreign, 'RUN_CLOSED')).toBe(false)
  })

  test.for([new Error('x'), null, 'RUN_UNKNOWN', { code: 'RUN_UNKNOWN' }])('%o is not', (other) => {
    expect(SegnoError.is(other)).toBe(false)
  })
})
