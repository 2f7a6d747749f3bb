import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { readPage, root, rowsOf, sectionOf } from './page.ts'

const runtime = `${root}packages/core/src/runtime/`

describe('a table of a page has all that its interface has:', () => {
  test.for([
    ['EngineOptions', 'engine-options.ts', 'docs/03-embedding.md', 'An engine'],
    ['StartOptions', 'engine-options.ts', 'docs/03-embedding.md', 'Starting a run'],
    ['HandlerContext', 'handler.ts', 'docs/04-handlers.md', 'The context'],
    ['HandlerDefinition', 'handler.ts', 'docs/04-handlers.md', 'Contracts'],
  ] as const)('%s', ([name, file, path, heading]) => {
    const told = wordsOf(path, heading).map((word) => /^\w+/.exec(word)?.[0] ?? '')
    expect([...new Set(told)].toSorted()).toEqual(membersOf(name, file).toSorted())
  })

  test('RunHandle', () => {
    const told = [
      ...wordsOf('docs/03-embedding.md', 'Results'),
      ...wordsOf('docs/03-embedding.md', 'Signals and commands'),
    ]
    const calls = told.flatMap((word) => /^run\.(\w+)/.exec(word)?.[1] ?? [])
    expect(['id', ...calls].toSorted()).toEqual(membersOf('RunHandle', 'run-handle.ts').toSorted())
  })

  test('the codes with which a handler is told to stop', () => {
    const source = readFileSync(`${root}packages/core/src/ports/abort.ts`, 'utf8')
    const codes = [...source.matchAll(/'([A-Z_]+)'/g)].flatMap(([, code]) => code ?? [])
    const rows = sectionOf(readPage('docs/04-handlers.md'), 'The context').split('signal.reason.code')[1] ?? ''
    expect(rowsOf(rows).map(([code = '']) => code.replaceAll('`', ''))).toEqual(codes)
  })
})

function wordsOf(path: string, heading: string): string[] {
  const section = sectionOf(readPage(path), heading).split('`signal.reason.code`')[0] ?? ''
  return rowsOf(section).map(([word = '']) => word.replaceAll('`', ''))
}

/** The names of an interface's own fields and methods, as its source writes them. */
function membersOf(name: string, file: string): string[] {
  const source = readFileSync(runtime + file, 'utf8')
  const body = new RegExp(`^export interface ${name}\\b[^{]*\\{\\n([^]*?)^\\}`, 'm').exec(source)?.[1] ?? ''
  return [...body.matchAll(/^ {2}(?:readonly )?(\w+)[?:(]/gm)].flatMap(([, member]) => member ?? [])
}
