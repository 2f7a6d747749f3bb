import type { Step } from '@segno/schema/plan'
import { describe, expect, test } from 'vitest'
import { World, workflow } from '../../test/kernel/world.ts'

const uses = (id: string): Step => ({ id, uses: 'h' })

describe('a `catch` that fails', () => {
  const caught = (): World => {
    const world = new World(workflow([{ id: 't', try: [uses('a')], catch: [{ do: [uses('b')] }] }]))
    world.fail('t/a', { code: 'FIRST' })
    return world
  }

  test('is caused by what it caught', () => {
    const world = caught()
    world.fail('t/b', { code: 'SECOND' })
    expect(world.state.failure).toMatchObject({ code: 'SECOND', cause: { code: 'FIRST' } })
  })

  test('keeps the cause that it has', () => {
    const world = caught()
    world.fail('t/b', { code: 'SECOND', cause: { code: 'ROOT', message: 'it', retryable: false } })
    expect(world.state.failure).toMatchObject({ code: 'SECOND', cause: { code: 'ROOT' } })
  })
})

describe('a loop over a list', () => {
  const loop = (rest: object, ...steps: readonly Step[]): World =>
    new World(
      workflow([{ id: 'l', forEach: { in: [1, 2] }, do: [{ id: 'x', set: { n: '${{ item }}' } }], ...rest }, ...steps]),
    )
  const outputOf = (world: World): unknown => {
    const event = world.journal.find((one) => one.type === 'step.completed' && one.path === 'l')
    return event !== undefined && 'output' in event ? event.output : undefined
  }

  test('gives what its items give where that is declared', () => {
    expect(outputOf(loop({ output: '${{ item * 2 }}' }))).toEqual([2, 4])
  })

  test('gives what its items give where that is read', () => {
    expect(outputOf(loop({}, { id: 'y', set: { all: '${{ steps.l.output }}' } }))).toEqual([{ n: 1 }, { n: 2 }])
  })

  test('gives nothing otherwise', () => {
    expect(outputOf(loop({}))).toBeUndefined()
  })
})
