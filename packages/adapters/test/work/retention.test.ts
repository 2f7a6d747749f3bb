import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createEngine, type Evidence } from '@segno/core'
import type { Definition } from '@segno/schema/plan'
import { expect, onTestFinished, test } from 'vitest'
import { fileStorage } from '../../src/file/index.ts'
import { sqliteStorage } from '../../src/sqlite/index.ts'

const child: Definition = { segno: 1, name: 'child', steps: [{ id: 'work', uses: 'work' }] }
const parent: Definition = {
  segno: 1,
  name: 'parent',
  imports: { child },
  steps: [{ id: 'start', start: 'child' }],
}

test.for([
  ['files', (path: string) => fileStorage({ dir: join(path, 'store') })],
  ['SQLite', (path: string) => sqliteStorage({ file: join(path, 'store.db') })],
] as const)('what is deleted from %s leaves neither runs, nor what they left, nor its key', async ([, open]) => {
  const path = mkdtempSync(join(tmpdir(), 'segno-retention-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  const storage = open(path)
  const leave = (evidence: Evidence, runId: string): string => {
    const folder = evidence.folder(runId, 'work', 1)
    mkdirSync(folder, { recursive: true })
    return folder
  }
  const folders: string[] = []
  const work = ({ runId }: { readonly runId: string }): void => void folders.push(leave(storage.evidence, runId))
  const engine = createEngine({ storage, handlers: { work } })
  const options = { idempotencyKey: 'key' }
  const first = await engine.start(parent, {}, options)
  await first.result()
  const kept = await engine.start(child)
  await kept.result()
  const [second] = folders.splice(1)
  expect((await engine.retain({ keep: 1 })).map(({ workflow }) => workflow)).toEqual(['child', 'parent'])
  expect((await engine.list()).runs.map(({ runId }) => runId)).toEqual([kept.id])
  expect([...folders, second].map((folder) => existsSync(folder ?? ''))).toEqual([false, true])
  const again = await engine.start(parent, {}, options)
  expect(again.id).not.toBe(first.id)
  await again.result()
  await engine.close()
  await storage.close()
})
