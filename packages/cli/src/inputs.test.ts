import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Definition } from '@segno/schema'
import { afterAll, describe, expect, test } from 'vitest'
import { CommandError } from './command-error.ts'
import { readInputs } from './inputs.ts'

const definition: Definition = {
  segno: 1,
  name: 'inputs',
  input: {
    name: { type: 'string', default: '' },
    count: { type: 'integer', default: 0 },
    ratio: { type: 'number', default: 0 },
    dry: { type: 'boolean', default: false },
    list: { type: 'array', items: { type: 'string' }, default: [] },
    map: { type: 'object', default: {} },
    file: { type: 'path', default: '.' },
    any: { default: null },
  },
  steps: [{ id: 'a', set: {} }],
}

const cwd = mkdtempSync(join(tmpdir(), 'segno-inputs-'))
writeFileSync(join(cwd, 'text.txt'), 'two\nlines')
writeFileSync(join(cwd, 'list.json'), '["a", "b"]')
writeFileSync(join(cwd, 'all.json'), '{"name": "file", "count": 2}')
afterAll(() => rmSync(cwd, { recursive: true }))

function complaints(pairs: readonly string[], workflow = definition, file?: string): readonly string[] {
  try {
    readInputs(workflow, { pairs, cwd, file })
    return []
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    return error.complaints.map(({ code, message }) => `${code} ${message}`)
  }
}

describe('an input', () => {
  test.for([
    ['name=42', 'name', '42'],
    ['name=a=b', 'name', 'a=b'],
    ['name=', 'name', ''],
    ['name=@text.txt', 'name', '@text.txt'],
    ['count=42', 'count', 42],
    ['ratio=-1.5e3', 'ratio', -1500],
    ['dry=true', 'dry', true],
    ['list=["a"]', 'list', ['a']],
    ['map={"k": 1}', 'map', { k: 1 }],
    ['file=a/b.md', 'file', 'a/b.md'],
    ['any=1', 'any', '1'],
    ['any:=1', 'any', 1],
    ['name@text.txt', 'name', 'two\nlines'],
    ['list@list.json', 'list', ['a', 'b']],
  ] as const)('%s is typed as it is declared', ([pair, name, value]) => {
    expect(readInputs(definition, { pairs: [pair], cwd })[name]).toEqual(value)
  })

  test.for([
    [['name'], ['INPUT_SYNTAX -i name: expected key=value, key:=json or key@file']],
    [['count=two'], ['INPUT_INVALID -i count=two: expected an integer']],
    [['count=0x10'], ['INPUT_INVALID -i count=0x10: expected an integer']],
    [['count=1.5'], [expect.stringContaining('INPUT_INVALID the input "count"')]],
    [['dry=yes'], ['INPUT_INVALID -i dry=yes: expected true or false']],
    [['list=a,b'], [expect.stringContaining('INPUT_INVALID -i list=: expected a list as JSON')]],
    [['list=[1]'], [expect.stringContaining('INPUT_INVALID the input "list" at /0')]],
    [['any:={'], [expect.stringContaining('INPUT_INVALID -i any:=: expected JSON')]],
    [['file=/etc/passwd'], ['INPUT_INVALID the input "file": expected a relative path, got "/etc/passwd"']],
    [['file=a/../../b'], [expect.stringContaining('expected a path without ".."')]],
    [['nmae=x'], ['INPUT_UNKNOWN there is no input "nmae"']],
    [['name=a', 'name=b'], ['INPUT_REPEATED -i name is given twice']],
    [['name@nowhere.txt'], [expect.stringContaining('FILE_UNREADABLE -i name@nowhere.txt')]],
    [
      ['count=two', 'dry=yes'],
      [expect.stringContaining('count'), expect.stringContaining('dry')],
    ],
  ] as const)('%s is refused', ([pairs, expected]) => {
    expect(complaints(pairs)).toEqual(expected)
  })

  test('that is required and not given is missing, and the flag is told', () => {
    const workflow = { ...definition, input: { to: { type: 'string', description: 'who gets it' } } }
    expect(() => readInputs(workflow, { pairs: [], cwd })).toThrow(
      expect.objectContaining({
        complaints: [
          { code: 'INPUT_MISSING', message: 'the input "to" is missing', hint: 'add: -i to=<string>  (who gets it)' },
        ],
      }),
    )
  })

  test('on the command line wins over the file', () => {
    const values = readInputs(definition, { pairs: ['name=flag'], cwd, file: 'all.json' })
    expect(values).toMatchObject({ name: 'flag', count: 2 })
  })

  test.for([
    ['nowhere.json', 'FILE_NOT_FOUND'],
    ['list.json', 'INPUT_FILE_INVALID'],
    ['text.txt', 'INPUT_FILE_INVALID'],
    ['.', 'FILE_UNREADABLE'],
  ] as const)('file %s is refused as %s', ([file, code]) => {
    expect(complaints([], definition, file)).toEqual([expect.stringContaining(`${code} --input-file ${file}`)])
  })
})
