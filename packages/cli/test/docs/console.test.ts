import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, describe, expect, test } from 'vitest'
import { allPages, root, type Page } from './page.ts'

const { scripts } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as { scripts: { segno: string } }
const command = scripts.segno.replace(/^node /, `'${process.execPath}' `).replace(' packages/', ` ${root}packages/`)
const env = { PATH: process.env['PATH'], LANG: 'C.UTF-8', NO_COLOR: '1', NODE_NO_WARNINGS: '1', TMPDIR: tmpdir() }

/** A command of a page, and what the page says that it prints. */
interface Session {
  readonly page: Page
  readonly line: number
  readonly typed: string
  readonly printed: string
}

const sessions = allPages().flatMap((page) =>
  page.blocks
    .filter(({ language }) => language === 'console')
    .map(({ text, line }): Session => {
      const [, typed = '', printed = ''] = /^\$ segno(.*)\n([^]*)$/.exec(text) ?? []
      return { page, line, typed, printed }
    }),
)

const folders = new Map<Page, string>()

afterAll(() => {
  for (const folder of folders.values()) rmSync(folder, { recursive: true })
})

describe('a command prints what its page says', () => {
  test.for(sessions)('$page.path:$line', { timeout: 30_000 }, async ({ page, typed, printed }) => {
    expect(typed).not.toBe('')
    expect(steady(await outputOf(folderOf(page), typed))).toBe(steady(printed))
  })
})

function folderOf(page: Page): string {
  const known = folders.get(page)
  if (known !== undefined) return known
  const folder = mkdtempSync(join(tmpdir(), 'segno-page-'))
  folders.set(page, folder)
  for (const { file, text } of page.blocks) writeFileSync(join(folder, file), text)
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  return folder
}

async function outputOf(cwd: string, typed: string): Promise<string> {
  // What is on a screen: both streams as they come, whatever the exit code is.
  const { stdout } = await promisify(execFile)('sh', ['-c', `${command}${typed} 2>&1; true`], { cwd, env })
  return stdout
}

// What differs from run to run: ids, the time of day, and how long things took.
function steady(text: string): string {
  return text
    .replace(/run_[0-9a-z]{21}/g, 'run_1')
    .replace(/\b\d\d:\d\d:\d\d\.\d{3}\b/g, '00:00:00.000')
    .replace(/\b\d+(\.\d+)?m?s\b/g, '0ms')
    .replace(/"(startedAt|endedAt|durationMs)": \d+/g, '"$1": 0')
    .trimEnd()
}
