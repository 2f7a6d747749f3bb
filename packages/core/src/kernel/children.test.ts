import type { Definition } from '@segno/schema/plan'
import { describe, expect, test } from 'vitest'
import { World, told, workflow } from '../../test/kernel/world.ts'
import { outstanding } from './outstanding.ts'

const child: Definition = { segno: 1, name: 'child', steps: [{ id: 'one', set: {} }] }
const imports = { child }

function idOf(world: World): string {
  const effect = outstanding(world.state).find(({ type }) => type === 'child')
  if (effect?.type !== 'child') throw new Error('no run is to be started')
  return effect.runId
}

describe('a child run that has ended before its creation was heard of', () => {
  test('is told to have started first', () => {
    const world = new World(workflow([{ id: 'sub', start: 'child' }], { imports }))
    const runId = idOf(world)
    expect(told(world.send('segno.child', { runId, status: 'completed', output: {} }))).toEqual([
      'child.started sub',
      'child.settled sub',
      'step.completed sub',
      'run.completed',
    ])
    expect(world.decide({ type: 'child', runId, outcome: { kind: 'created' } })).toEqual([])
  })

  test('gives its id to a step that does not wait for it, whatever became of it', () => {
    const world = new World(workflow([{ id: 'sub', start: 'child', wait: false }], { imports }))
    const runId = idOf(world)
    const failure = { code: 'BROKEN', message: 'it broke', retryable: true }
    const events = world.send('segno.child', { runId, status: 'failed', failure })
    expect(told(events)).toEqual([
      'child.started sub',
      'child.settled sub BROKEN',
      'step.completed sub',
      'run.completed',
    ])
    expect(events[2]).toMatchObject({ output: { runId } })
  })
})
