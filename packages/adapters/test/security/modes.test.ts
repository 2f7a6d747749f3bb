import { statSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createEngine } from '@segno/core'
import { expect, test } from 'vitest'
import { fileStorage } from '../../src/file/index.ts'
import { sqliteStorage } from '../../src/sqlite/index.ts'

const definition = { segno: 1, name: 'waits', steps: [{ id: 'wait', waitFor: { signal: 'go' } }] } as const

const stores = [
  ['a folder', (folder: string) => fileStorage({ dir: join(folder, 'new', 'store') })],
  ['a database, with its log', (folder: string) => sqliteStorage({ file: join(folder, 'new', 'store.db') })],
] as const

test.for(stores)('a store that is %s is for its owner only', async ([, open]) => {
  const folder = await mkdtemp(join(tmpdir(), 'segno-modes-'))
  const storage = open(folder)
  const engine = createEngine({ storage })
  await (await engine.start(definition)).signal('other', 'data')
  const modes = await modesBelow(folder)
  await engine.close()
  await storage.close()
  await rm(folder, { recursive: true })
  expect(modes.length).toBeGreaterThan(2)
  expect(modes.filter((mode) => !/^(700 folder|600 file)/.test(mode))).toEqual([])
})

async function modesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries.flatMap((entry) => {
    const path = join(entry.parentPath, entry.name)
    // What is written for people gets its name when it is whole, while nobody waits for it.
    const found = statSync(path, { throwIfNoEntry: false })
    if (found === undefined) return []
    return [
      `${(found.mode & 0o777).toString(8)} ${entry.isDirectory() ? 'folder' : 'file'} ${path.slice(folder.length)}`,
    ]
  })
}
