import type { Step } from '@segno/schema/plan'
import { expect, test } from 'vitest'
import { workflow, World } from './world.ts'

const work = (id: string, rest: object = {}): Step => ({ id, uses: 'h', ...rest }) as Step
const wrong = { retryable: false }

test('steps that run together give no output of their own, also where a sibling would read that of the last', () => {
  const parallel = [work('a'), work('b', { needs: ['a'], with: '${{ steps.a.output }}' })]
  const reads = { id: 'z', set: { has: '${{ has(steps.p.output) }}' } }
  const world = new World(
    workflow([{ id: 'p', join: 'any', parallel } as Step, reads], {
      output: { has: { type: 'boolean', value: '${{ steps.z.output.has }}' } },
    }),
  )
  world.complete('p/a', 'first')
  expect(world.state.output).toEqual({ has: false })
})

test('of steps that run together a second one may be taken up again before the first has begun', () => {
  const passed = { onFailure: 'continue' }
  const parallel = [work('a', passed), work('b', passed), work('c')]
  const world = new World(workflow([{ id: 'p', parallel } as Step]))
  world.fail('p/a', wrong)
  world.fail('p/b', wrong)
  world.send('segno.pause')
  world.send('segno.retry', { path: 'p/b' })
  expect(world.send('segno.retry', { path: 'p/a' })).toMatchObject([{ type: 'operator.acted', again: ['p/a'] }])
})
