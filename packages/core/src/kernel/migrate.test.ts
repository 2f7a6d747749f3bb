import type { Step } from '@segno/schema/plan'
import { describe, expect, test } from 'vitest'
import { reasonsAgainst } from '../../test/kernel/reasons-against.ts'
import { workflow } from '../../test/kernel/world.ts'
import type { World } from '../../test/kernel/world.ts'

type Case = readonly [
  title: string,
  before: readonly Step[],
  after: readonly Step[],
  moves: (world: World) => void,
  expected: readonly string[],
]

const work = (id: string, uses = 'h'): Step => ({ id, uses })
const [first, second, third] = [work('first'), work('second'), work('third')]
const reads = (id: string, path = `steps.${id}.output`): Step => ({ id: 'reader', set: { was: `\${{ ${path} }}` } })
const typed = (type: string, rest = {}): Step => ({ ...first, output: { schema: { type } }, ...rest }) as Step
const branch = (then: readonly Step[], otherwise?: readonly Step[], condition = 'true'): Step =>
  ({ id: 'd', if: condition, do: then, ...(otherwise === undefined ? {} : { else: otherwise }) }) as Step
const large = 'x'.repeat(20_000)
const nothing = (): void => undefined
const firstDone = (world: World): void => void world.complete('first', 1)

describe('steps in a list', () => {
  test.for<Case>([
    [
      'that has ended is gone',
      [first, second],
      [second],
      firstDone,
      ['STEP_REMOVED first: the step is not there any more'],
    ],
    [
      'under way does something else',
      [first, second],
      [first, work('second', 'other')],
      firstDone,
      ['STEP_CHANGED second: it is running, and does something else now'],
    ],
    [
      'is of another kind',
      [first, second],
      [{ id: 'first', set: {} }, second],
      firstDone,
      ['STEP_CHANGED first: it was a work step, and is a set step now'],
    ],
    [
      'comes before one that has begun',
      [first, second],
      [work('new'), first, second, third],
      nothing,
      ['STEP_ADDED_EARLIER new: it comes before a step that has begun'],
    ],
    [
      'comes between two that have begun',
      [first, second],
      [first, work('new'), second],
      firstDone,
      ['STEP_ADDED_EARLIER new: it comes before a step that has begun'],
    ],
    [
      'that is to come moves before one that has begun',
      [first, second, third],
      [first, third, second],
      firstDone,
      ['STEP_ADDED_EARLIER third: it comes before a step that has begun'],
    ],
    [
      'has begun, and stands in another order',
      [first, second],
      [second, first],
      firstDone,
      ['ORDER_CHANGED second: it comes before a step that it came after'],
    ],
    ['comes after', [first, second], [first, second, third], firstDone, []],
    ['that is to come is another', [first, second, third], [first, second, { id: 'third', set: {} }], firstDone, []],
    ['that is to come is gone, and others change places', [first, second, third], [first, third], nothing, []],
    ['has another retry', [first, second], [first, { ...second, retry: { max: 3 } } as Step], firstDone, []],
    [
      'waits for another signal from now on',
      [{ id: 'first', waitFor: { signal: 'a' } }],
      [{ id: 'first', waitFor: { signal: 'b' }, timeout: '1h' }],
      nothing,
      [],
    ],
    [
      'is asked otherwise',
      [{ id: 'first', ask: { title: 'Go on?', choices: ['yes', 'no'] } }],
      [{ id: 'first', ask: { title: 'Go on?', choices: ['yes', 'never'] } }],
      nothing,
      ['STEP_CHANGED first: it is waiting, and does something else now'],
    ],
    [
      'is blocked, and does something else',
      [{ ...first, onFailure: 'block' } as Step],
      [{ ...work('first', 'other'), onFailure: 'block' } as Step],
      (world) => void world.fail('first', { retryable: false }),
      [],
    ],
    [
      'is to be done again, and was passed over',
      [{ ...first, onFailure: 'continue' } as Step, second],
      [{ ...first, onFailure: 'continue' } as Step, second, third],
      (world) => {
        world.fail('first', { retryable: false })
        world.send('segno.pause')
        world.send('segno.retry', { path: 'first' })
      },
      [],
    ],
  ])('one %s', ([, before, after, moves, expected]) => {
    expect(reasonsAgainst(workflow(before), workflow(after), moves)).toEqual(expected)
  })
})

test('whatever comes into a list in which nothing has begun has its place there', () => {
  const limits = { steps: 1 }
  const [before, after] = [branch([first, second]), branch([third, second, first])]
  expect(reasonsAgainst(workflow([before], { limits }), workflow([after], { limits }), nothing)).toEqual([])
})

describe('what a step gave', () => {
  const notKept = ['OUTPUT_NOT_KEPT first: what it gave is read now, and was not kept']
  test.for<Case>([
    ['is read now, and was not kept', [first, second], [first, second, reads('first')], firstDone, notKept],
    [
      'is read now as it was before',
      [first, second, reads('first')],
      [first, second, { ...reads('first'), id: 'other' }],
      firstDone,
      [],
    ],
    [
      'is read now, and it gave nothing, because it failed',
      [{ ...first, onFailure: 'continue' } as Step, second],
      [{ ...first, onFailure: 'continue' } as Step, second, reads('first', 'has(steps.first.output)')],
      (world) => void world.fail('first', { retryable: false }),
      [],
    ],
    ['is read now, and it is under way', [first, second], [first, second, reads('first')], nothing, []],
    [
      'does not fit the schema that it has now',
      [typed('integer'), second, reads('first')],
      [typed('string'), second, reads('first')],
      firstDone,
      ['OUTPUT_INVALID first: what it gave: it does not fit its schema: expected text, got 1'],
    ],
    [
      'fits another schema',
      [typed('integer'), second, reads('first')],
      [typed('number'), second, reads('first')],
      firstDone,
      [],
    ],
    ['was not kept, and its schema is another', [typed('integer'), second], [typed('string'), second], firstDone, []],
    [
      'is too large to check against another schema',
      [first, second, reads('first')],
      [typed('string'), second, reads('first')],
      (world) => void world.complete('first', large),
      ['OUTPUT_INVALID first: what it gave: it is too large to check'],
    ],
    [
      'is large, and its schema is the same',
      [typed('string'), second, reads('first')],
      [typed('string'), second, reads('first'), third],
      (world) => void world.complete('first', large),
      [],
    ],
    [
      'came with a signal, and does not fit the schema of the wait',
      [{ id: 'first', waitFor: { signal: 'red' } }, second, reads('first')],
      [{ id: 'first', waitFor: { signal: 'red', schema: { type: 'string' } } }, second, reads('first')],
      (world) => void world.send('red', 1),
      ['OUTPUT_INVALID first: what it gave: it does not fit its schema: expected text, got 1'],
    ],
  ])('%s', ([, before, after, moves, expected]) => {
    expect(reasonsAgainst(workflow(before), workflow(after), moves)).toEqual(expected)
  })
})

const each = (rest: object, steps: readonly Step[] = [first]): Step =>
  ({ id: 'each', forEach: { in: [1, 2, 3], concurrency: 2, ...rest }, do: steps }) as Step
const loop = (rest: object): Step => ({ id: 'loop', repeat: { max: 3, ...rest }, do: [first] }) as Step
const side = (...steps: readonly object[]): Step => ({ id: 'p', failFast: false, parallel: steps }) as unknown as Step
const machine = (one: readonly Step[], two: readonly Step[] = []): Step =>
  ({
    id: 'm',
    initial: 'one',
    states: { one: { do: one, next: [{ to: 'two' }] }, two: { do: two, on: { red: { to: 'end' } } }, end: {} },
  }) as Step

describe('a block under way', () => {
  test.for<Case>([
    [
      'collects in another way',
      [each({ collect: true })],
      [each({})],
      nothing,
      ['BLOCK_CHANGED each: `collect` has changed, and items are under way'],
    ],
    ['collects as before', [each({ collect: true })], [each({ collect: true, concurrency: 1 })], nothing, []],
    [
      'remembers what came before from now on',
      [loop({})],
      [loop({ initial: 1 })],
      nothing,
      ['BLOCK_CHANGED loop: `initial` has come or gone, and the loop is under way'],
    ],
    [
      'remembers nothing any more',
      [loop({ initial: 1 })],
      [loop({})],
      nothing,
      ['BLOCK_CHANGED loop: `initial` has come or gone, and the loop is under way'],
    ],
    ['began with something else', [loop({ initial: 1 })], [loop({ initial: 2 })], nothing, []],
    [
      'has items that ended, and what they gave is read now',
      [each({})],
      [each({}), reads('each')],
      (world) => void world.complete('each[0]/first', 1),
      ['OUTPUT_NOT_KEPT each: what its items gave is read now, and was not kept'],
    ],
    [
      'has items that ended, and what they gave is read now as it was before',
      [each({}), reads('each')],
      [each({}), { ...reads('each'), id: 'other' }],
      (world) => void world.complete('each[0]/first', 1),
      [],
    ],
    ['has no item that ended, and what they give is read now', [each({})], [each({}), reads('each')], nothing, []],
    [
      'has an item whose step is gone',
      [each({})],
      [each({}, [second])],
      (world) => void world.complete('each[0]/first'),
      [
        'STEP_REMOVED each[1]/first: the step is not there any more',
        'STEP_REMOVED each[2]/first: the step is not there any more',
      ],
    ],
    [
      'goes through a branch that is gone',
      [branch([first], [second], 'false')],
      [branch([first], undefined, 'false')],
      nothing,
      ['LIST_REMOVED d: it has no `else` any more'],
    ],
    ['goes through one branch, and the other is gone', [branch([first], [second])], [branch([first])], nothing, []],
    [
      'has children that run together, which come before others and stand in another order',
      [side(first, second)],
      [side(third, second, first)],
      nothing,
      [],
    ],
    [
      'has failed in its body, which has a step more now, and is caught',
      [{ id: 't', try: [first], catch: [{ do: [second] }] } as Step],
      [{ id: 't', try: [first, third], catch: [{ do: [second] }] } as Step],
      (world) => void world.fail('t/first'),
      [],
    ],
    [
      'has a step more in its body, which is over',
      [{ id: 't', try: [first], finally: [second] } as Step],
      [{ id: 't', try: [first, third], finally: [second] } as Step],
      (world) => void world.complete('t/first'),
      ['STEP_ADDED_EARLIER t/third: its list is over'],
    ],
    [
      'rests between two passes, and has a step more in front from now on',
      [loop({ every: '1h' })],
      [{ id: 'loop', repeat: { max: 3, every: '1h' }, do: [third, first] } as Step],
      (world) => void world.complete('loop[0]/first'),
      [],
    ],
    [
      'waits for its retry',
      [{ ...each({}), retry: { max: 1, delay: '1h' } } as Step],
      [{ ...each({ collect: true }, [second]), retry: { max: 1, delay: '1h' } } as Step],
      (world) => {
        for (const { path } of world.attempts()) world.fail(path)
        expect(world.isOver).toBe(false)
      },
      [],
    ],
    [
      'comes to a state again that has a step more',
      [machine([first], [second])],
      [machine([first, third], [second])],
      firstDoneInState,
      [],
    ],
    [
      'is in a state whose step is gone',
      [machine([first], [second])],
      [machine([first], [third])],
      firstDoneInState,
      ['STEP_REMOVED m[1]/second: the step is not there any more'],
    ],
  ])('%s', ([, before, after, moves, expected]) => {
    expect(reasonsAgainst(workflow(before), workflow(after), moves)).toEqual(expected)
  })
})

function firstDoneInState(world: World): void {
  world.complete('m[0]/first')
}
