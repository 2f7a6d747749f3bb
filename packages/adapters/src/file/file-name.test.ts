import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fileNameOf, nameOfFile } from './file-name.ts'

const letters = 'aZcOnNuULm01_-'
const runId = fc.string({ unit: fc.constantFrom(...letters.split('')), minLength: 1, maxLength: 64 })
const odd = fc.string({
  unit: fc.constantFrom('a', 'Z', '.', '=', '+', '/', ' ', 'ä', '%', '~', '\0', '\ud834', '\udd1e'),
  maxLength: 30,
})

test('the name of a file tells the name that it was made of', () => {
  fc.assert(
    fc.property(fc.oneof(runId, odd), (name) => {
      const fileName = fileNameOf(name)
      if (name !== '' && name.isWellFormed()) expect(fileName === undefined ? name : nameOfFile(fileName)).toBe(name)
      else expect(fileName).toBeUndefined()
    }),
  )
})

test('every run id has a name, in small letters and within what file systems allow', () => {
  fc.assert(
    fc.property(runId, (name) => {
      expect(fileNameOf(name)).toMatch(/^[a-z0-9_+-]{1,200}$/)
    }),
  )
})

test.for([
  ['run', 'run'],
  ['RunA', '+run+a'],
  ['con', 'con+'],
  ['NUL', '+n+u+l'],
  ['a.b', 'a=2eb'],
  ['../x', '=2e=2e=2fx'],
  ['ä', '=c3=a4'],
])('%s is kept as %s', ([name = '', fileName]) => {
  expect(fileNameOf(name)).toBe(fileName)
})

test.for(['RUN', 'con', '+', 'a=', '=4', 'a=2E', 'run++', '=41', '.DS_Store'])('no name is kept as %s', (fileName) => {
  expect(nameOfFile(fileName)).toBeUndefined()
})
