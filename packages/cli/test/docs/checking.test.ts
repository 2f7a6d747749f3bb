import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { checker } from '../../src/check-file.ts'
import { printDiagnostics } from '../../src/print-diagnostics.ts'
import { readPage, root } from './page.ts'

const page = readPage('docs/21-checking.md')
const path = `${root}examples/email-triage/email-triage.segno.yaml`
const shown = 'email-triage.segno.yaml'

function blockOf(language: string): string {
  return page.blocks.find((block) => block.language === language)?.text ?? ''
}

// Each line with `-` is in the example once, and the one with `+` below it stands in its place.
function planted(diff: string): { readonly text: string; readonly count: number } {
  let text = readFileSync(path, 'utf8')
  const changes = [...diff.matchAll(/^-(.*)\n\+(.*)$/gm)]
  for (const [, before = '', after = ''] of changes) {
    expect(text.split(`${before}\n`)).toHaveLength(2)
    text = text.replace(`${before}\n`, () => `${after}\n`)
  }
  return { text, count: changes.length }
}

test('the page shows what is said of five mistakes in the example, message for message', async () => {
  const { text, count } = planted(blockOf('diff'))
  const check = await checker({ path }, {}, root)
  const { diagnostics, file } = check({ path, shown, text })
  let said = ''
  printDiagnostics(diagnostics, file, { color: false, write: (part) => (said += part) })
  expect(count).toBe(5)
  expect(`${said}\n`.trimEnd()).toBe(blockOf('text').trimEnd())
})

test('without them, nothing is said', async () => {
  const check = await checker({ path }, {}, root)
  expect(check({ path, shown, text: readFileSync(path, 'utf8') }).diagnostics).toEqual([])
})
