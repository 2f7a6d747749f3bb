import type { Definition, Json, Step } from '@segno/schema/plan'
import { describe, expect, test } from 'vitest'
import { reasonsAgainst } from '../../test/kernel/reasons-against.ts'
import { workflow, World } from '../../test/kernel/world.ts'
import { compile } from './compile.ts'
import { migrate } from './migrate.ts'

const work = (id: string): Step => ({ id, uses: 'h' })
const [first, second, third] = [work('first'), work('second'), work('third')]
const branch = (then: readonly Step[]): Step => ({ id: 'd', if: 'true', do: then })
const large = 'x'.repeat(20_000)
const nothing = (): void => undefined
const firstDone = (world: World): void => void world.complete('first', 1)

describe('what takes back', () => {
  const refund = (...steps: readonly Step[]): Definition => ({ segno: 1, name: 'refund', steps })
  const taking = (undo: object, steps: readonly Step[] = [], ...rest: readonly Step[]): Definition =>
    workflow([{ ...first, undo } as Step, ...rest], { imports: { refund: refund(...steps) } })
  const stop: Step = { id: 'stop', fail: { code: 'STOP', message: 'stop' } }

  test.for<readonly [string, Definition, Definition, (world: World) => void, readonly string[]]>([
    [
      'a step that completed does something else now',
      taking({ uses: 'h' }, [], second),
      taking({ uses: 'other' }, [], second),
      firstDone,
      ['UNDO_CHANGED first.undo: what takes it back is gone, or does something else'],
    ],
    [
      'a step inside of a block that is over is gone',
      workflow([branch([{ ...first, undo: { uses: 'h' } } as Step]), second]),
      workflow([branch([first]), second]),
      (world) => void world.complete('d/first'),
      ['UNDO_CHANGED d/first.undo: what takes it back is gone, or does something else'],
    ],
    [
      'a step inside of a block that is over is gone with it',
      workflow([branch([{ ...first, undo: { uses: 'h' } } as Step]), second]),
      workflow([branch([third]), second]),
      (world) => void world.complete('d/first'),
      ['UNDO_CHANGED d/first.undo: what takes it back is gone, or does something else'],
    ],
    [
      'a step that has not ended does something else now',
      taking({ uses: 'h' }, [], second),
      taking({ uses: 'other' }, [], second),
      nothing,
      [],
    ],
    [
      'a step is at work, and does something else now',
      taking({ uses: 'h' }, [], stop),
      taking({ uses: 'other' }, [], stop),
      firstDone,
      ['UNDO_CHANGED first.undo: what takes it back is gone, or does something else'],
    ],
    [
      'a step is at work, and is as it was',
      taking({ uses: 'h' }, [], stop),
      taking({ uses: 'h', retry: { max: 2 } }, [], stop),
      firstDone,
      [],
    ],
    [
      'a step is a workflow that has lost a step under way',
      taking({ call: 'refund' }, [second], stop),
      taking({ call: 'refund' }, [third], stop),
      firstDone,
      ['STEP_REMOVED first.undo/second: the step is not there any more'],
    ],
    [
      'a step is a workflow under way, and is a handler now',
      taking({ call: 'refund' }, [second], stop),
      taking({ uses: 'h' }, [second], stop),
      firstDone,
      ['UNDO_CHANGED first.undo: what takes it back is gone, or does something else'],
    ],
    [
      'a step is a workflow that has a step more, and takes back itself what it does',
      taking({ call: 'refund' }, [{ ...second, undo: { uses: 'h' } } as Step, third], stop),
      taking({ call: 'refund' }, [{ ...second, undo: { uses: 'h' } } as Step, third, first], stop),
      (world) => {
        world.complete('first')
        world.complete('first.undo/second')
      },
      [],
    ],
  ])('%s', ([, before, after, moves, expected]) => {
    expect(reasonsAgainst(before, after, moves)).toEqual(expected)
  })
})

describe('a run that a step started', () => {
  const kid: Definition = { segno: 1, name: 'kid', steps: [first] }
  const starting = (steps: readonly Step[], child = kid): Definition => workflow(steps, { imports: { kid: child } })
  const refund: Definition = { segno: 1, name: 'refund', imports: { kid }, steps: [{ id: 'go', start: 'kid' }] }
  const undoing = (undo: object | undefined): Definition =>
    workflow(
      [
        { ...first, ...(undo === undefined ? {} : { undo }) } as Step,
        { id: 'stop', fail: { code: 'STOP', message: 'stop' } },
      ],
      { imports: { refund } },
    )
  const start = (rest = {}): Step => ({ id: 'go', start: 'kid', ...rest })
  const created = (world: World): void => {
    for (const child of world.children()) world.moveChild(child, 'completed')
  }

  test.for<readonly [string, Definition, Definition, (world: World) => void, readonly string[]]>([
    [
      'is of another workflow now',
      starting([start()]),
      starting([start()], { ...kid, steps: [second] }),
      created,
      ['STEP_CHANGED go: it is waiting, and does something else now'],
    ],
    ['is awaited as before', starting([start()]), starting([start({ timeout: '1h' })]), created, []],
    [
      'goes on by itself after the block that started it, which does not start it any more',
      starting([branch([start({ wait: false })]), second]),
      starting([branch([{ id: 'go', set: {} }]), second]),
      created,
      ['STEP_REMOVED d/go: the step is not there any more, and the run that it started goes on'],
    ],
    [
      'goes on by itself after the block that started it',
      starting([branch([start({ wait: false })]), second]),
      starting([branch([start({ wait: false })]), second, third]),
      created,
      [],
    ],
    [
      'goes on by itself after the block that started it, which is gone with others',
      starting([branch([start({ wait: false })]), second]),
      starting([third, second]),
      created,
      [
        'STEP_REMOVED d: the step is not there any more',
        'STEP_ADDED_EARLIER third: it comes before a step that has begun',
        'STEP_REMOVED d/go: the step is not there any more, and the run that it started goes on',
      ],
    ],
    ...[{ uses: 'h' }, undefined].map(
      (undo) =>
        [
          'takes a step back, and nothing does that any more, or a handler',
          undoing({ call: 'refund' }),
          undoing(undo),
          (world: World) => {
            world.complete('first')
            created(world)
          },
          [
            'UNDO_CHANGED first.undo: what takes it back is gone, or does something else',
            'STEP_REMOVED first.undo/go: the step is not there any more, and the run that it started goes on',
          ],
        ] as const,
    ),
    [
      'goes on by itself, and its step is gone from the list',
      starting([start({ wait: false }), second]),
      starting([second]),
      created,
      ['STEP_REMOVED go: the step is not there any more'],
    ],
  ])('%s', ([, before, after, moves, expected]) => {
    expect(reasonsAgainst(before, after, moves)).toEqual(expected)
  })
})

describe('a run as a whole', () => {
  const input = { count: { type: 'integer' }, place: { type: 'string', default: 'here' } } as const
  const taking = (declared: Definition['input'], name = 'test'): Definition =>
    workflow([second], { name, ...(declared === undefined ? {} : { input: declared }) })

  test.for<readonly [string, Definition, Definition, Json, readonly string[]]>([
    [
      'is of a workflow of another name',
      taking({}),
      taking({}, 'other'),
      {},
      ['WORKFLOW_CHANGED : the run is of "test", the plan of "other"'],
    ],
    [
      'has an input that does not fit any more, and lacks another',
      taking(undefined),
      taking({ count: { type: 'string' }, more: { type: 'string' } }),
      { count: 1 },
      ['INPUT_INVALID : the input "count": expected text, got 1', 'INPUT_INVALID : the input "more" is missing'],
    ],
    [
      'has an input that is too large to check against others',
      taking({ text: { type: 'string' } }),
      taking({ text: { type: 'string', default: '' } }),
      { text: large },
      ['INPUT_INVALID : the declared inputs have changed, and that of the run is too large to check'],
    ],
    [
      'has a large input that is declared as before',
      taking({ text: { type: 'string' } }),
      workflow([second, third], { input: { text: { type: 'string' } } }),
      { text: large },
      [],
    ],
  ])('%s', ([, before, after, given, expected]) => {
    expect(reasonsAgainst(before, after, nothing, given)).toEqual(expected)
  })

  test.for<readonly [string, Definition['input'], Json, Json | undefined]>([
    ['adds a default', input, { count: 1 }, { count: 1, place: 'here' }],
    ['adds a default that was given', input, { count: 1, place: 'there' }, undefined],
    ['adds nothing', { count: { type: 'number' } }, { count: 1 }, undefined],
  ])('has the input that the plan needs where this %s', ([, declared, given, expected]) => {
    const world = new World(taking({ count: { type: 'integer' } }), { input: given })
    expect(migrate(world.plan, compile(taking(declared)), world.state)).toEqual({ input: expected })
  })

  test('that has ended has nothing that stands against another plan', () => {
    const world = new World(workflow([first]))
    world.complete('first')
    expect(migrate(world.plan, compile(workflow([second])), world.state)).toEqual({ input: undefined })
  })
})
