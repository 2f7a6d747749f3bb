import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { RunDocument } from 'segno'
import { describe, expect, test } from 'vitest'
import { exitCodes } from '../../src/exit-code.ts'
import { uiModes } from '../../src/screen/ui-mode.ts'
import { readPage, root, rowsOf, sectionOf } from './page.ts'

const page = readPage('docs/08-command-line.md')

describe('the page about the command line has every option', () => {
  test.for([
    ['run', 'segno run'],
    ['work', 'segno work'],
    ['validate', 'segno validate'],
    ['doctor', 'segno doctor'],
    ['schema', 'segno schema'],
    ['resume', 'segno resume'],
    ['runs', 'segno runs'],
    ['show', 'segno show'],
    ['graph', 'segno graph'],
    ['logs', 'segno logs'],
    ['cancel', 'segno cancel'],
    ['pause', 'segno pause'],
    ['retry', 'segno retry'],
    ['skip', 'segno skip'],
    ['override', 'segno override'],
    ['raise', 'segno raise'],
    ['fork', 'segno fork'],
    ['migrate', 'segno migrate'],
    ['signal', 'segno signal'],
    ['answer', 'segno answer'],
    ['diff', 'segno diff'],
    ['export', 'segno export'],
    ['import', 'segno import'],
    ['replay', 'segno replay'],
    ['gc', 'segno gc'],
  ] as const)('of segno %s, and no other', { timeout: 30_000 }, async ([command, heading]) => {
    const argv = ['--conditions=@segno/source', 'packages/cli/src/main.ts', command, '--help']
    const { stdout } = await promisify(execFile)(process.execPath, argv, { cwd: root })
    const given = [...stdout.matchAll(/^ {2}(?:-\w, )?--([a-z-]+)/gm)].flatMap(([, name]) => name ?? [])
    const told = [...optionsOf(heading), ...optionsOf('Options of every command')]
    expect(told.toSorted()).toEqual(given.toSorted())
  })
})

test('it has every exit code', () => {
  const told = wordsOf('Exit codes').flatMap((cell) => cell.split(', ').map(Number))
  expect(told.toSorted((a, b) => a - b)).toEqual(Object.values(exitCodes).toSorted((a, b) => a - b))
})

test('it has every output mode', () => {
  expect(wordsOf('Output modes').toSorted()).toEqual(uiModes.filter((mode) => mode !== 'auto').toSorted())
})

test('it has every field of the document of a run', () => {
  const { shape } = RunDocument
  const told = wordsOf('The document of a run').flatMap((cell) => cell.split(', ').map((name) => name.replace('?', '')))
  expect(told.toSorted()).toEqual(Object.keys(shape).toSorted())
  for (const name of Object.keys(shape.steps.def.element.shape)) {
    expect(sectionOf(page, 'The document of a run').split('| `steps` |')[1]).toMatch(new RegExp(`\`${name}\\??\``))
  }
})

function optionsOf(heading: string): string[] {
  return wordsOf(heading).map((cell) => /--([a-z-]+)/.exec(cell)?.[1] ?? '')
}

function wordsOf(heading: string): string[] {
  return rowsOf(sectionOf(page, heading)).map(([cell = '']) => cell.replaceAll('`', ''))
}
