import { expect, test } from 'vitest'
import { prefixOf } from './prefix-of.ts'

const starters = new Map([
  ['pack', { runId: 'run', path: 'ship' }],
  ['label', { runId: 'pack', path: 'each[0]/label' }],
  ['again', { runId: 'run', path: 'ship' }],
  ['print', { runId: 'again', path: 'print' }],
  ['bill', { runId: 'run', path: 'bill' }],
])

test.for([
  ['run', ''],
  ['pack', 'ship/'],
  ['label', 'ship/each[0]/label/'],
  ['again', 'ship~2/'],
  ['print', 'ship~2/print/'],
  ['bill', 'bill/'],
] as const)('the paths of %s begin with "%s"', ([runId, prefix]) => {
  expect(prefixOf(runId, starters)).toBe(prefix)
})
