import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { segno } from '../../src/process.fixture.ts'
import { readPage, root } from './page.ts'

const start = readPage('docs/01-start.md')
const [, waits = ''] = /^## When a run waits\n([^]*?)^## /m.exec(start.text) ?? []
const cwd = mkdtempSync(join(tmpdir(), 'segno-waiting-'))
afterAll(() => rmSync(cwd, { recursive: true }))

function blockOf(page: typeof start, file: string): string {
  return page.blocks.findLast((block) => block.file === file && page.text.includes(block.text))?.text ?? ''
}

test('the page about the start has the workflow of the README', () => {
  const file = 'refund.segno.yaml'
  expect(blockOf(start, file)).toBe(blockOf(readPage('README.md'), file))
})

test('a run that waits is ended by what its page says, with the command alone', { timeout: 60_000 }, async () => {
  for (const file of ['refund.segno.yaml', 'segno.config.ts']) writeFileSync(join(cwd, file), blockOf(start, file))
  writeFileSync(join(cwd, 'package.json'), '{ "type": "module" }')
  symlinkSync(join(root, 'node_modules'), join(cwd, 'node_modules'))
  const typed = [...waits.matchAll(/^\$ segno (.+)$/gm)].flatMap(([, words]) => words ?? [])
  expect(typed).toEqual([
    'run refund.segno.yaml -i order=A17 -i amount=250',
    `signal @last approved --data '{"by": "Ada"}'`,
    'resume @last',
  ])
  const [run = '', , resume = ''] = typed
  const stopped = await segno(run, { cwd, signals: [['for signal approved', 'SIGINT']] })
  expect(stopped.stderr).toMatch(
    /send the signal {2}segno signal run_\w+ approved\n {2}go on {12}segno resume run_\w+\n/,
  )
  expect((await segno('signal @last approved --data {"by":"Ada"}', { cwd })).code).toBe(0)
  const { code, stdout, stderr } = await segno(resume, { cwd })
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'receipt: R-A17\n' })
  expect(stderr).toContain('Refund of A17: completed\n')
})
