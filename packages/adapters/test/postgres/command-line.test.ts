import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeWithServer } from './with-server.ts'

const command = fileURLToPath(new URL('../../../cli/src/main.ts', import.meta.url))

describeWithServer('the command line with a store on a PostgreSQL server', (world) => {
  let cwd = ''
  beforeAll(async () => {
    cwd = await mkdtemp(join(tmpdir(), 'segno-command-'))
    const source = 'segno: 1\nname: say\nsteps: [{ id: word, exec: [printf, hello] }]\n'
    await writeFile(join(cwd, 'say.segno.yaml'), source)
  })
  afterAll(() => rm(cwd, { recursive: true, force: true }))

  async function segno(...words: string[]): Promise<{ code: number | null; said: string }> {
    const child = spawn(process.execPath, ['--conditions=@segno/source', command, ...words], { cwd })
    let said = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += String(chunk)))
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
    return { code, said }
  }

  test('a run is kept there, shown by the next command, and its password is nowhere to be read', async () => {
    const store = `${world.server.url().replace('postgres@', 'postgres:s3cret-word@')}?schema=of%20commands`
    const doctor = await segno('doctor', '--store', store)
    expect(doctor.said).toContain('made by the first run')
    const run = await segno('run', 'say.segno.yaml', '--store', store)
    expect(run.code, run.said).toBe(0)
    const id = /run_\w+/.exec(run.said)?.[0] ?? 'none'
    const shown = await segno('show', id, '--store', store)
    expect(shown.said).toContain('completed')
    const logs = await segno('logs', id, '--store', store)
    expect(logs.said).toContain('hello')
    const folder = join(cwd, '.segno/evidence', id, 'steps/word/attempt-1')
    expect(await readFile(join(folder, 'stdout.log'), 'utf8')).toBe('hello')
    const { rows } = await world.pool.query('SELECT status FROM "of commands".runs')
    expect(rows).toEqual([{ status: 'completed' }])
    expect([doctor, run, shown, logs].map(({ said }) => said).join()).not.toContain('s3cret-word')
  }, 60_000)
})
