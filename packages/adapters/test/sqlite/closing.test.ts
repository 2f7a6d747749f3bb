import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

// A process of its own: one that has nothing to wait for any more ends with 13 while it still awaits.
const script = `
  import { sqliteStorage } from '@segno/adapters/sqlite'
  for (let n = 0; n < 5; n++) {
    const storage = sqliteStorage({ file: '/dev/null/none.db' })
    await storage.row('run').catch(() => undefined)
    await storage.close()
  }
  console.log('closed')`

test('a storage is closed also where its database could never be opened', async () => {
  const args = ['--conditions=@segno/source', '--input-type=module', '-e', script]
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: import.meta.dirname })
  expect(stdout).toBe('closed\n')
})
