import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, test } from 'vitest'
import { runIdIn, segno as segnoIn, writeFiles, type Ended } from './process.fixture.ts'

const root = mkdtempSync(join(tmpdir(), 'segno-sqlite-'))
afterAll(() => rmSync(root, { recursive: true }))

writeFiles(root, {
  'say.segno.yaml': 'segno: 1\nname: say\nsteps: [{ id: word, exec: [printf, hello] }]\n',
})

function segno(words: string): Promise<Ended> {
  return segnoIn(words, { cwd: root })
}

describe('a store that is a SQLite database', { timeout: 60_000 }, () => {
  test('keeps a run and what its process printed, and shows it to the next command', async ({ expect }) => {
    const kept = await segno('run say.segno.yaml --store sqlite:kept/runs')
    expect(kept.code, kept.stderr).toBe(0)
    const id = runIdIn(kept)
    const { stdout } = await segno(`show ${id} --store sqlite:kept/runs`)
    expect(stdout).toContain('completed')
    const logs = await segno(`logs ${id} --store sqlite:kept/runs`)
    expect(logs.stdout).toContain('hello')
    const folder = join(root, `kept/runs.d/${id}/steps/word/attempt-1`)
    expect(readFileSync(join(folder, 'stdout.log'), 'utf8')).toBe('hello')
  })

  test('is not made by a command that only looks', async ({ expect }) => {
    const { code, stderr } = await segno('ls --store none.db')
    expect([code, existsSync(join(root, 'none.db'))], stderr).toEqual([0, false])
  })

  test('is told from a folder', async ({ expect }) => {
    const { code, stderr } = await segno('run say.segno.yaml --store sqlite:kept')
    expect(code).toBe(2)
    expect(stderr).toContain('error[OPTION_INVALID] --store kept: this is a folder, not a SQLite database')
  })

  test('is found by segno doctor', async ({ expect }) => {
    const { stdout } = await segno('doctor --store new.sqlite -o json')
    const { store } = JSON.parse(stdout) as { store: object }
    const found = { kind: 'sqlite', path: 'new.sqlite', exists: false, durability: 'power', multiProcess: true }
    expect(store).toEqual(found)
  })
})
