import type { EventOf, Json, Step } from '@segno/schema/plan'
import { describe, expect, test } from 'vitest'
import { World, workflow } from '../../test/kernel/world.ts'

const uses = (id: string, rest: object = {}): Step => ({ id, uses: 'h', ...rest })
const passedOver = (id: string): Step => uses(id, { onFailure: 'continue' })
const other = workflow([{ id: 'nap', sleep: '1d' }])
const handlers = { once: { version: '1.0.0', effect: 'once' } } as const

const worldOf = (...steps: readonly Step[]): World => new World(workflow(steps, { imports: { other } }), { handlers })

function acted(world: World, path: string, downstream: boolean): EventOf<'operator.acted'> {
  const [event] = world.send('segno.retry', { path, downstream })
  if (event?.type !== 'operator.acted') throw new Error('a retry is an act')
  return event
}

/** What a retry does again, or why it is refused. */
function redo(world: World, path: string, downstream = false): Json {
  const { refused, again } = acted(world, path, downstream)
  return refused?.message ?? [...(again ?? [])]
}

/** A run whose first step has failed and was passed over, and what stands after it has begun. */
function followedBy(step: Step): World {
  const world = worldOf(passedOver('a'), step, uses('z'))
  world.fail('a')
  return world
}

describe('what is not done again in place', () => {
  test('is what has not ended, has not begun, or is nowhere', () => {
    const world = worldOf(uses('a'), { id: 'g', do: [uses('b')] })
    for (const path of ['a', 'g', 'g/b', 'nowhere', 'g/nowhere', '', 'a~2', 'a[0]', 'g[0]/b']) {
      expect(redo(world, path)).toBe(`"${path}" is not blocked`)
    }
  })

  test('is what has not failed', () => {
    const world = worldOf(uses('a'), uses('b', { if: false }), { id: 'g', do: [uses('c')] })
    world.complete('a')
    expect(redo(world, 'a')).toBe('"a" is completed; only what has failed is done again')
    expect(redo(world, 'b')).toBe('"b" is skipped; only what has failed is done again')
    expect(redo(world, 'g')).toBe('"g" is not blocked')
  })

  test('is an occurrence that another one has followed', () => {
    const world = worldOf(passedOver('a'), { id: 'nap', sleep: '1h' })
    world.fail('a')
    for (let n = 2; n < 12; n++) {
      const before = n === 2 ? 'a' : `a~${n - 1}`
      expect(redo(world, before)).toEqual([before])
      world.fail(`a~${n}`)
      expect(redo(world, before)).toBe(`"${before}" is not blocked`)
    }
  })

  test('is what stands in a list that is ending', () => {
    const world = worldOf({ id: 'p', parallel: [uses('a'), uses('b')] })
    world.fail('p/a')
    expect(redo(world, 'p/a')).toBe('the list that "p/a" is in is ending')
  })

  test('is what stands in a block whose output fails, while that is taken back', () => {
    const done = uses('b', { undo: { uses: 'h' } })
    const world = worldOf({ id: 'g', do: [passedOver('a'), done], output: '${{ steps.b.output.no }}' })
    world.fail('g/a')
    world.complete('g/b', 1)
    expect(world.attempts().map(({ path }) => path)).toEqual(['g/b.undo'])
    expect(redo(world, 'g/a')).toBe('the list that "g/a" is in is ending')
  })

  test('is what stands in a list of which something is being taken back', () => {
    const world = worldOf(passedOver('a'), passedOver('b'), uses('c', { undo: { uses: 'h' } }), {
      id: 'nap',
      sleep: '1h',
    })
    world.fail('a')
    world.fail('b')
    world.complete('c')
    expect(redo(world, 'b', true)).toEqual(['b', 'c', 'nap'])
    expect(redo(world, 'a')).toBe('what was done after "a" is being taken back')
    world.complete('c.undo')
    expect(redo(world, 'a')).toBe('"b~2" comes after it and is under way; pause the run first')
  })
})

describe('a step that comes after what is done again', () => {
  const ended = (path: string): string => `"${path}" comes after it and has not ended; wait until it has, or stop it`

  test.for<[string, Step]>([
    ['at work', uses('b')],
    ['an open block', { id: 'b', do: [{ id: 'nap', sleep: '1h' }] }],
    ['waiting for a run', { id: 'b', start: 'other' }],
  ])('and is %s stands against that, but for a run that is paused', ([, step]) => {
    const world = followedBy(step)
    expect(redo(world, 'a')).toBe('"b" comes after it and is under way; pause the run first')
    expect(redo(world, 'a', true)).toBe(ended('b'))
    world.send('segno.pause')
    expect(redo(world, 'a', true)).toBe(ended('b'))
    expect(redo(world, 'a')).toEqual(['a'])
  })

  test.for<[string, Step]>([
    ['sleeps', { id: 'b', sleep: '1h' }],
    ['waits for a signal', { id: 'b', waitFor: { signal: 's' } }],
    ['asks', { id: 'b', ask: { title: 'Go on?', choices: ['yes', 'no'] } }],
  ])('and %s does not', ([, step]) => {
    expect(redo(followedBy(step), 'a')).toEqual(['a'])
    expect(redo(followedBy(step), 'a', true)).toEqual(['a', 'b'])
  })

  test.for<[string, Step, string]>([
    ['is blocked', uses('b', { onFailure: 'block' }), 'b'],
    ['waits for its retry', uses('b', { retry: { max: 1 } }), 'b'],
    ['is a block that waits for its retry', { id: 'b', do: [uses('x')], retry: { max: 1 } }, 'b/x'],
    ['is a blocked block', { id: 'b', try: [uses('x')], finally: [{ id: 'y', set: {} }], onFailure: 'block' }, 'b/x'],
    [
      'waits for its retry and owes no `finally`',
      { id: 'b', try: [uses('x')], catch: [{ on: ['NO'], do: [uses('y')] }], retry: { max: 1 } },
      'b/x',
    ],
  ])('and %s does not', ([, step, failing]) => {
    for (const downstream of [false, true]) {
      const world = followedBy(step)
      world.fail(failing)
      expect(redo(world, 'a', downstream)).toEqual(downstream ? ['a', 'b'] : ['a'])
    }
  })

  test('and has started a run that failed does not, where it is blocked or waits for its retry', () => {
    for (const rest of [{ onFailure: 'block' }, { retry: { max: 1 } }] as const) {
      for (const downstream of [false, true]) {
        const world = followedBy({ id: 'b', start: 'other', ...rest })
        for (let [child] = world.children(); child !== undefined; [child] = world.children()) {
          world.moveChild(child, 'failed')
        }
        expect(redo(world, 'a', downstream)).toEqual(downstream ? ['a', 'b'] : ['a'])
      }
    }
  })

  test('and owes its `finally` has not ended', () => {
    const world = followedBy({ id: 'b', try: [uses('x')], finally: [uses('y')], retry: { max: 1 } })
    world.fail('b/x')
    expect(redo(world, 'a', true)).toBe('"b" comes after it and has not ended')
    expect(redo(world, 'a')).toEqual(['a'])
  })

  const unknown = 'nobody knows what "b", which comes after it, has done; retry, skip or override that first'

  test('and whose outcome nobody knows has to be decided about first', () => {
    const world = followedBy({ id: 'b', uses: 'once' })
    world.crash()
    expect(world.state.steps.get('b')?.status).toBe('blocked')
    expect(redo(world, 'a', true)).toBe(unknown)
    world.send('segno.pause')
    world.send('segno.retry', { path: 'b' })
    expect(redo(world, 'a', true)).toEqual(['a', 'b~2'])
  })

  test('and whose attempt is lost has to be decided about first, where it has not begun again', () => {
    const world = followedBy(uses('b'))
    world.send('segno.pause')
    world.crash()
    expect(redo(world, 'a', true)).toBe(unknown)
    expect(redo(world, 'a')).toEqual(['a'])
  })

  test('and is to begin again as an operator has said does not stand against it', () => {
    for (const [step, failing, path] of [
      [uses('b', { onFailure: 'block' }), 'b', 'b~2'],
      [{ id: 'b', do: [uses('x')], onFailure: 'block' }, 'b/x', 'b'],
    ] as const) {
      const world = followedBy(step)
      world.fail(failing)
      world.send('segno.pause')
      world.send('segno.retry', { path: 'b' })
      expect(redo(world, 'a', true)).toEqual(['a', path])
    }
  })

  test('and has ended is done again with it, whatever it came to, where that is wanted', () => {
    const steps = [uses('b'), uses('c', { if: false }), passedOver('d'), { id: 'nap', sleep: '1h' }] as const
    for (const downstream of [false, true]) {
      const world = worldOf(passedOver('a'), ...steps)
      world.fail('a')
      world.complete('b')
      world.fail('d', { code: 'OUTCOME_UNKNOWN' })
      expect(redo(world, 'a', downstream)).toEqual(downstream ? ['a', 'b', 'c', 'd', 'nap'] : ['a'])
    }
  })

  test('and is to be done again anyway is not named twice', () => {
    const world = worldOf(passedOver('a'), passedOver('b'), { id: 'nap', sleep: '1h' })
    world.fail('a')
    world.fail('b')
    world.send('segno.pause')
    expect(redo(world, 'b')).toEqual(['b'])
    expect(redo(world, 'a', true)).toEqual(['a', 'nap'])
  })
})

describe('in a parallel', () => {
  test('what needs the step comes after it, however far, and nothing else', () => {
    const world = worldOf({
      id: 'p',
      failFast: false,
      parallel: [
        uses('d', { needs: ['b', 'c'] }),
        uses('a'),
        uses('b', { needs: ['a'] }),
        uses('c', { needs: ['a'] }),
        uses('e', { needs: ['d'] }),
        uses('f'),
      ],
    })
    world.fail('p/a')
    expect(redo(world, 'p/a', true)).toEqual(['p/a', 'p/d', 'p/b', 'p/c', 'p/e'])
  })

  test('what has not begun is not done again', () => {
    const world = worldOf({
      id: 'p',
      failFast: false,
      concurrency: 1,
      parallel: [
        { ...uses('a'), onFailure: 'continue' },
        { ...uses('b', { needs: ['a'] }) },
        { id: 'nap', sleep: '1h' },
      ],
    })
    world.fail('p/a')
    expect(world.attempts().map(({ path }) => path)).toEqual([])
    expect(redo(world, 'p/a', true)).toEqual(['p/a'])
  })
})

describe('an item that failed alone', () => {
  const each = (rest: object = {}): Step => ({
    id: 'l',
    forEach: { in: Array.from({ length: 12 }, (_, n) => n), concurrency: 12, collect: true },
    do: [uses('x')],
    ...rest,
  })

  test('is done again by its own path, or by that of anything in it', () => {
    const world = worldOf(each())
    for (const path of ['l[1]', 'l[11]/x', 'l[3]/x~2/y']) {
      const item = path.replace(/\].*/, ']')
      expect(redo(world, path)).toBe(`"${path}" is not blocked`)
      world.fail(`${item}/x`)
      expect(redo(world, path)).toEqual([item])
      expect(redo(world, item)).toBe(`"${item}" is not blocked`)
    }
  })

  test('is not where the loop is ending', () => {
    const world = worldOf(each({ timeout: '1s' }))
    world.fail('l[0]/x')
    world.pass(1000)
    expect(redo(world, 'l[0]/x')).toBe('the list around "l[0]" is ending')
  })

  test('is the innermost one that failed', () => {
    const items = { in: [0, 1], concurrency: 2, collect: true }
    const world = worldOf({
      id: 'l',
      forEach: items,
      do: [
        { id: 'm', forEach: items, do: [uses('x')] },
        { id: 'y', uses: 'h' },
      ],
    })
    world.fail('l[1]/m[0]/x')
    expect(redo(world, 'l[1]/m[0]/x')).toEqual(['l[1]/m[0]'])
    for (const path of ['l[0]/m[0]/x', 'l[0]/m[1]/x']) world.complete(path)
    world.fail('l[0]/y')
    expect(redo(world, 'l[0]/m[0]/x')).toEqual(['l[0]'])
  })

  test('is not confused with a step that was passed over in an item that goes on', () => {
    const world = worldOf({
      id: 'l',
      forEach: { in: [0], collect: true },
      do: [passedOver('x'), { id: 'nap', sleep: '1h' }],
    })
    world.fail('l[0]/x')
    expect(redo(world, 'l[0]/x')).toEqual(['l[0]/x'])
  })
})
