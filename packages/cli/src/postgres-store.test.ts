import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { withoutPassword } from './postgres-store.ts'
import { segno as segnoIn, writeFiles, type Ended } from './process.fixture.ts'

const root = mkdtempSync(join(tmpdir(), 'segno-postgres-'))
afterAll(() => rmSync(root, { recursive: true }))

writeFiles(root, { 'say.segno.yaml': 'segno: 1\nname: say\nsteps: [{ id: word, exec: [printf, hello] }]\n' })

function segno(words: string): Promise<Ended> {
  return segnoIn(words, { cwd: root })
}

test.for<[typed: string, shown: string]>([
  ['postgres://me:s3cret@host:5432/db', 'postgres://me@host:5432/db'],
  ['postgresql://me:a@b:c@host/db', 'postgresql://me@host/db'],
  ['--store=postgres://:s3cret@host/db', '--store=postgres://@host/db'],
  ['postgres://host/db?user=me&password=s3cret&schema=a', 'postgres://host/db?user=me&password=&schema=a'],
  ['postgres://me@host/db?schema=a', 'postgres://me@host/db?schema=a'],
  ['.segno', '.segno'],
])('%s is shown as %s', ([typed, shown]) => {
  expect(withoutPassword(typed)).toBe(shown)
})

describe('a store on a PostgreSQL server', { timeout: 60_000 }, () => {
  test('that cannot be reached is told by its address without the password', async () => {
    const store = 'postgres://me:s3cret-word@127.0.0.1:9/db'
    const commands = { 'run say.segno.yaml': 2, ls: 2, doctor: 1, 'doctor -o json': 1 }
    for (const [command, expected] of Object.entries(commands)) {
      const { code, stdout, stderr } = await segno(`${command} --store ${store}`)
      expect(code, command).toBe(expected)
      expect(stdout + stderr).toContain('ECONNREFUSED')
      expect(stdout + stderr).not.toContain('s3cret-word')
    }
  })

  test('whose address cannot be read is refused without telling it', async () => {
    const { code, stderr } = await segno('ls --store postgres://me:s3cret-word@[/db')
    expect(code).toBe(2)
    expect(stderr).toContain('error[OPTION_INVALID] --store postgres://me@[/db')
    expect(stderr).not.toContain('s3cret-word')
  })
})
