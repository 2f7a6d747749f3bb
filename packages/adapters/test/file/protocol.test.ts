import { expect, test } from 'vitest'
import { acquisition, parking, takeover } from './contests.ts'
import { keepFigures } from './figures.ts'
import { explore, type Contest } from './interleavings.ts'

const timeoutMs = 120_000

test.for<[string, Contest]>([
  ['an append and a takeover', takeover()],
  ['a park and a takeover', takeover({ batch: { status: 'waiting', park: { inboxHead: 0 } } })],
  ['two that take up one run', acquisition()],
  ['a park and a message', parking()],
])('no order of the disk calls of %s loses what was acknowledged', { timeout: timeoutMs }, async ([name, contest]) => {
  const { situations, interleavings, wrong } = await explore(contest)
  expect(wrong.slice(0, 3)).toEqual([])
  await keepFigures(`file-protocol-${name.replaceAll(' ', '-')}`, { situations, interleavings })
  expect(situations).toBeGreaterThan(0)
})

// Without the look for higher segments between the sync and the acknowledgement, data is lost.
test('a holder that does not see the segment of the next lease is found out', { timeout: timeoutMs }, async () => {
  const listed = (folder: string, names: readonly string[]): readonly string[] =>
    folder.endsWith('/journal') ? names.filter((name) => name <= '000001.jsonl') : names
  const { situations, wrong } = await explore(takeover({ listed }))
  expect(wrong.length).toBeGreaterThan(0)
  expect(wrong[0]).toContain('acknowledged and lost')
  await keepFigures('file-protocol-mutant', { situations, lost: wrong.length })
})
