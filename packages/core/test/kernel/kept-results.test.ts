import type { Json, Step } from '@segno/schema/plan'
import { expect, test } from 'vitest'
import { workflow, World } from './world.ts'

const item: Step = { id: 'a', uses: 'h' }
const reads: Step = { id: 'z', set: { all: '${{ steps.l.output }}' } }

// State grows with what is under way, not with the items that are over.
test.for<[string, readonly Step[], { readonly collect?: boolean }, readonly Json[]]>([
  ['of which nothing is read keeps nothing of items that have completed', [], {}, []],
  ['of which nothing is read keeps nothing of items that have failed', [], { collect: true }, []],
  ['that is read keeps what each has given', [reads], {}, ['first']],
  [
    'that is read keeps how each has failed',
    [reads],
    { collect: true },
    [
      { ok: true, output: 'first' },
      { ok: false, failure: { code: 'OOPS', message: 'no luck', retryable: false } },
    ],
  ],
])('a list %s', ([, after, how, kept]) => {
  const each = { id: 'l', forEach: { in: [1, 2, 3], ...how }, do: [item] } as Step
  const world = new World(workflow([each, ...after]))
  world.complete('l[0]/a', 'first')
  if (how.collect === true) world.fail('l[1]/a', { retryable: false })
  expect(world.state.steps.get('l')?.block?.results).toEqual(kept)
})
