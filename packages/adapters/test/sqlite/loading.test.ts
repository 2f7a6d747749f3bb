import { expect, test } from 'vitest'
import type { Reply } from '../../src/sqlite/protocol.ts'
import { databaseService } from '../../src/sqlite/service.ts'
import { databases } from './fixtures.ts'
import { claim } from './runs.ts'

const { path, open } = databases()

test('who asks a SQLite storage for little does not wait while much is read for another question', async () => {
  const file = path()
  await claim(open(file), 'run')
  const answered: (readonly number[])[] = []
  const send = (replies: readonly Reply[]): void => void answered.push(replies.map(({ id }) => id))
  const service = databaseService({ file, identity: () => '{}', isDead: () => false, send })
  const now = undefined
  service.take([
    { id: 1, now, op: 'getPlan', args: { hash: 'none' } },
    { id: 2, now, op: 'row', args: { runId: 'run' } },
    { id: 3, now, op: 'load', args: { runId: 'run' } },
    { id: 4, now, op: 'row', args: { runId: 'run' } },
  ])
  await service.close()
  expect(answered).toEqual([
    [1, 2],
    [3, 4],
  ])
})
