import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createEngine } from '@segno/core'
import type { RunEvent } from '@segno/schema/plan'
import { describe, test } from 'vitest'
import { storageAt } from '../keeper/stores.ts'

const child = fileURLToPath(new URL('poison.fixture.ts', import.meta.url))
const oneStep = (name: string) => ({ segno: 1, name, steps: [{ id: 'work', uses: name }] }) as const
const forOthers = { drive: false }

describe.concurrent('a run that ends every process that takes it', { timeout: 120_000 }, () => {
  test.for([
    ['file', 'exit'],
    ['sqlite', 'kill'],
  ] as const)('is blocked after eight of them on a %s storage, and the others end', async ([kind, how], context) => {
    const { expect, onTestFinished } = context
    const path = mkdtempSync(join(tmpdir(), 'segno-poison-'))
    onTestFinished(() => rmSync(path, { recursive: true, force: true }))
    const storage = storageAt({ kind, path })
    const creator = createEngine({ storage })
    const before = await creator.start(oneStep('fine'), {}, forOthers)
    const poison = await creator.start(oneStep('poison'), {}, forOthers)
    const after = await Promise.all(Array.from({ length: 6 }, () => creator.start(oneStep('fine'), {}, forOthers)))
    const fine = [before, ...after]

    let crashes = 0
    while ((await poison.status()) !== 'blocked') {
      const argv = ['--conditions=@segno/source', '--disable-warning=ExperimentalWarning', child]
      const host = spawn(process.execPath, [...argv, JSON.stringify({ kind, path, how })], { stdio: 'inherit' })
      onTestFinished(() => void host.kill('SIGKILL'))
      const ended = once(host, 'exit').then(() => 'ended' as const)
      let now: 'ended' | 'blocked' | undefined
      while (now === undefined) {
        now = await Promise.race([ended, wait(50, undefined)])
        if (now === undefined && (await poison.status()) === 'blocked') now = 'blocked'
      }
      if (now === 'ended') crashes += 1
      expect(crashes).toBeLessThanOrEqual(8)
    }
    const done = await Promise.all(fine.map((run) => run.result()))
    expect(done.map(({ status }) => status)).toEqual(fine.map(() => 'completed'))
    const events: RunEvent[] = []
    for await (const page of storage.read(poison.id, 1)) events.push(...page)
    expect(events.filter(({ type }) => type === 'run.adopted')).toHaveLength(8)
    expect(events.at(-1)).toMatchObject({ type: 'run.blocked', because: { code: 'NO_PROGRESS' } })
    expect(crashes).toBe(8)
    await creator.close()
    await storage.close()
  })
})
