import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, test } from 'vitest'
import { databases } from './fixtures.ts'
import { batch } from './runs.ts'

const { path, open } = databases()
const wanted = { owner: 'other', ttlMs: 60_000, limit: 10 }
let holders: ChildProcess[] = []
afterEach(() => {
  for (const holder of holders) holder.kill('SIGKILL')
  holders = []
})

// Elsewhere nothing can be known of a process, and leases are judged by their time alone.
const hasProc = existsSync('/proc/self/stat')

describe.runIf(hasProc)('a lease of a minute in SQLite whose holder is another process', { timeout: 60_000 }, () => {
  test('is taken over at once when that was killed, and fenced off', async () => {
    const file = path()
    const storage = open(file)
    const holder = await held(file)
    expect((await storage.acquire(wanted)).runs).toEqual([])
    holder.kill('SIGKILL')
    await once(holder, 'close')
    expect((await storage.row('run'))?.holder).toMatchObject({ owner: 'me', isLost: true })
    const { runs } = await storage.acquire(wanted)
    expect(runs.map(({ expired, lease, row }) => [expired, lease.token, row.holder?.owner])).toEqual([
      [true, 2, 'other'],
    ])
    expect((await storage.append(batch('run', 1))).outcome).toBe('fenced')
  })

  test('is held while that stands still', async () => {
    const file = path()
    const storage = open(file)
    const holder = await held(file)
    holder.kill('SIGSTOP')
    await stopped(holder)
    expect((await storage.row('run'))?.holder).toMatchObject({ owner: 'me', isLost: false })
    expect((await storage.acquire(wanted)).runs).toEqual([])
    expect(await storage.delete('run')).toBe(false)
  })
})

async function held(file: string): Promise<ChildProcess> {
  const child = fileURLToPath(new URL('holder-child.fixture.ts', import.meta.url))
  const args = ['--conditions=@segno/source', child, file]
  const holder = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  holders.push(holder)
  await once(holder.stdout, 'data')
  return holder
}

/** A signal takes its time to arrive. */
async function stopped({ pid }: ChildProcess): Promise<void> {
  while (!/\) T /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'))) await new Promise((done) => setImmediate(done))
}
