import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import type { TestContext } from 'vitest'
import { storageAt } from './stores.ts'
import type { BlockedHost, StorePlace } from './stores.ts'

const leaseMs = 4000
const child = fileURLToPath(new URL('blocked.fixture.ts', import.meta.url))

interface Told {
  /** Whether somebody else could take the run while the host was blocked. */
  readonly isTaken: boolean
  readonly status: string
  readonly heard: readonly string[]
}

/** Blocks a host and tries to take its run all the while. */
async function blocked(
  kind: StorePlace['kind'],
  options: Omit<BlockedHost, 'place' | 'leaseMs'>,
  { onTestFinished }: TestContext,
): Promise<Told> {
  const path = mkdtempSync(join(tmpdir(), 'segno-keeper-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  const place = { kind, path }
  const host = { place, leaseMs, ...options } satisfies BlockedHost
  const process_ = spawn(process.execPath, ['--conditions=@segno/source', child, JSON.stringify(host)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void process_.kill('SIGKILL'))
  const lines = createInterface({ input: process_.stdout })[Symbol.asyncIterator]()
  expect((await lines.next()).value).toBe('blocked')
  const other = storageAt(place)
  let isOver = false
  const last = lines.next().then(({ value }) => {
    isOver = true
    return JSON.parse(String(value)) as Omit<Told, 'isTaken'>
  })
  let isTaken = false
  while (!isOver && !isTaken) {
    const { runs } = await other.acquire({ owner: 'other', ttlMs: 60_000, limit: 1 })
    isTaken = runs.length > 0
    await Promise.race([
      last,
      new Promise((resolve) => {
        setTimeout(resolve, 50)
      }),
    ])
  }
  const told = await last
  await other.close()
  return { isTaken, ...told }
}

describe.concurrent('a host whose event loop is blocked', { timeout: 60_000 }, () => {
  test.for(['file', 'sqlite'] as const)('keeps its run on a %s storage', async (kind, context) => {
    const told = await blocked(kind, { blockMs: 1.5 * leaseMs, hungAfterMs: 60_000, hasThread: true }, context)
    expect(told).toEqual({ isTaken: false, status: 'completed', heard: [] })
  })

  test('loses it where no thread keeps it', async (context) => {
    const options = { blockMs: 1.5 * leaseMs, hungAfterMs: 60_000, hasThread: false }
    expect(await blocked('file', options, context)).toMatchObject({ isTaken: true })
  })

  test('is taken for hung after a while, loses its run, and hears of it', async (context) => {
    const told = await blocked('file', { blockMs: 2.5 * leaseMs, hungAfterMs: leaseMs / 4, hasThread: true }, context)
    expect(told).toEqual({ isTaken: true, status: 'running', heard: ['LEASE_LOST'] })
  })
})
