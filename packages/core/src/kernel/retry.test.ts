import type { Retry, UsesStep } from '@segno/schema/plan'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { World, told, workflow } from '../../test/kernel/world.ts'

function withRetry(retry: Retry, rest: Partial<UsesStep> = {}): World {
  return new World(workflow([{ id: 'a', uses: 'h', retry, ...rest }]))
}

/** The delays before each retry of a step that goes on failing. */
function delays(world: World): number[] {
  const found: number[] = []
  while (!world.isOver) {
    for (const event of world.fail('a')) if (event.type === 'attempt.failed') found.push(event.retryAt - world.now)
    world.wake()
  }
  return found
}

test.for<[string, Retry, number[]]>([
  ['doubles from 1s', { max: 4, jitter: false }, [1000, 2000, 4000, 8000]],
  ['stays when it is constant', { max: 3, delay: '2s', backoff: 'constant', jitter: false }, [2000, 2000, 2000]],
  [
    'does not pass its maximum',
    { max: 4, delay: '10s', maxDelay: '25s', jitter: false },
    [10_000, 20_000, 25_000, 25_000],
  ],
  ['may be a template', { max: 1, delay: '${{ "3s" }}', maxDelay: '${{ "9s" }}', jitter: false }, [3000]],
  ['is never, without retries', { max: 0 }, []],
])('the delay %s', ([, retry, expected]) => {
  expect(delays(withRetry(retry))).toEqual(expected)
})

test('jitter draws from the upper half of the delay', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.constantFrom('1s', '7s', '10m'), (max, delay) => {
      const plain = delays(withRetry({ max, delay, jitter: false }))
      delays(withRetry({ max, delay })).forEach((drawn, index) => {
        const whole = plain[index] ?? 0
        expect(drawn).toBeGreaterThanOrEqual(whole / 2)
        expect(drawn).toBeLessThanOrEqual(whole)
      })
    }),
    { numRuns: 50 },
  )
})

test.for<[string, Partial<Retry>, { code?: string; retryable?: boolean }, boolean]>([
  ['is tried again where it is retryable', {}, { retryable: true }, true],
  ['is not tried again where it is not', {}, { retryable: false }, false],
  ['is tried again where `on` names it, retryable or not', { on: ['OOPS'] }, { retryable: false }, true],
  ['is not tried again where `on` names others', { on: ['OTHER'] }, {}, false],
  ['is not tried again where `except` names it', { except: ['OOPS'] }, {}, false],
])('a failure %s', ([, policy, failure, again]) => {
  const world = withRetry({ max: 1, ...policy })
  const [event] = world.fail('a', failure)
  expect(event?.type).toBe(again ? 'attempt.failed' : 'step.failed')
})

test('each attempt gets the same input and the same key', () => {
  const world = withRetry({ max: 1, delay: '0s' }, { with: { at: '${{ run.startedAt }}' } })
  const [first] = world.attempts()
  world.fail('a')
  world.wake()
  const [second] = world.attempts()
  expect(second).toEqual({ ...first, attempt: 2 })
})

test('a policy that cannot be evaluated is the failure, and what failed is its cause', () => {
  const world = withRetry({ max: 1, delay: '${{ "soon" }}' })
  const [event] = world.fail('a')
  expect(event).toMatchObject({ type: 'step.failed', failure: { code: 'DURATION_INVALID', cause: { code: 'OOPS' } } })
  const other = withRetry({ max: 1, maxDelay: '${{ steps.a.output }}' })
  expect(told(other.fail('a')).at(0)).toBe('step.failed a MISSING_VALUE')
})

test('a block is tried again as a whole, under a path of its own', () => {
  const world = new World(
    workflow([
      { id: 'b', do: [{ id: 'x', uses: 'h' }], retry: { max: 1, delay: '1s', jitter: false }, onFailure: 'continue' },
    ]),
  )
  expect(told(world.fail('b/x'))).toEqual(['step.failed b/x OOPS', 'attempt.failed b OOPS'])
  world.wake()
  expect(world.attempts().map(({ path }) => path)).toEqual(['b~2/x'])
  expect(told(world.fail('b~2/x'))).toEqual(['step.failed b~2/x OOPS', 'step.failed b OOPS', 'run.completed'])
})

test('a block whose policy cannot be evaluated fails with that', () => {
  const world = new World(
    workflow([{ id: 'b', do: [{ id: 'x', uses: 'h' }], retry: { max: 1, delay: '${{ "soon" }}' } }]),
  )
  expect(told(world.fail('b/x')).at(1)).toBe('step.failed b DURATION_INVALID')
})
