import { globSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { describe, expect, test } from 'vitest'
import { formatDiagnostics, loadWorkflow } from '../src/index.ts'

const folder = new URL('mistakes/', import.meta.url).pathname

// Each page: what the mistake is, a text with it, and all that is said of it.
const pages = globSync('*.md', { cwd: folder })
  .toSorted()
  .map((name) => {
    const page = readFileSync(`${folder}${name}`, 'utf8')
    const [, title = '', text = '', said = ''] =
      /^# (.*)\n\n```yaml\n([^]*?)```\n\n```text\n([^]*?)```\n$/.exec(page) ?? []
    return { name: basename(name, '.md'), title, text, said }
  })

describe('the most likely mistakes of a new author', () => {
  test('are twenty-five at least', () => {
    expect(pages.filter(({ said }) => said !== '').length).toBeGreaterThanOrEqual(25)
  })

  test.for(pages)('$title', ({ name, text, said }) => {
    const file = `${name}.segno.yaml`
    expect(`${formatDiagnostics(loadWorkflow(text, { file }).diagnostics, { text })}\n`).toBe(said)
  })
})
