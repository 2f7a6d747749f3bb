import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nodeShell } from '@segno/adapters/shell'
import { createEngine } from '@segno/core'
import { expect, test } from 'vitest'
import { keepScale, residentMiB, sizeOf, timed, timeout } from './measure.ts'

const logBytesMax = 1_000_000

test('a program that prints very much is not held up, and its log ends at its limit', { timeout }, async () => {
  const mebibytes = sizeOf(1024, 8)
  const folder = await mkdtemp(join(tmpdir(), 'segno-stdout-'))
  const evidence = { folder: (...attempt: readonly (string | number)[]) => join(folder, 'log', ...attempt.map(String)) }
  const shell = nodeShell({ workspace: folder, evidence, logBytesMax })
  const before = residentMiB()
  let peak = before
  const watch = setInterval(() => (peak = Math.max(peak, residentMiB())), 50)
  try {
    await using engine = createEngine({ shell })
    const argv = ['head', '-c', String(mebibytes * 2 ** 20), '/dev/zero']
    const run = await engine.start({ segno: 1, name: 'loud', steps: [{ id: 'loud', exec: argv }] })
    let status = ''
    const ms = await timed(async () => (status = (await run.result()).status))
    const kept = await largest(folder)
    await keepScale('stdout', { mebibytes, ms, residentGrowthMiB: peak - before, logBytes: kept, logBytesMax })
    expect(status).toBe('completed')
    expect(kept).toBeLessThanOrEqual(logBytesMax + 1000)
  } finally {
    clearInterval(watch)
    await rm(folder, { recursive: true, force: true })
  }
})

async function largest(folder: string): Promise<number> {
  const files = await readdir(folder, { recursive: true })
  const sizes = await Promise.all(files.map(async (file) => (await stat(join(folder, file))).size))
  return Math.max(0, ...sizes)
}
