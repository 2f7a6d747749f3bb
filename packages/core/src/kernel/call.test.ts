import type { Definition, Step } from '@segno/schema/plan'
import { expect, test } from 'vitest'
import { World, workflow } from '../../test/kernel/world.ts'

const greet: Definition = {
  segno: 1,
  name: 'greet',
  input: { name: { type: 'string' } },
  steps: [{ id: 'work', uses: 'h' }],
  finally: [{ id: 'tell', uses: 'h', with: { name: '${{ input.name }}' } }],
}

/** A call that waits for its second attempt. */
function betweenAttempts(): World {
  const call: Step = { id: 'hello', call: 'greet', with: { name: 'Ada' }, retry: { max: 3, delay: '1h' } }
  const world = new World(workflow([call], { imports: { greet } }))
  world.fail('hello/work')
  return world
}

test.for([false, true])(
  'the `finally` of a call that is cancelled between two attempts sees its input (restored from a snapshot: %s)',
  (restored) => {
    const world = betweenAttempts()
    if (restored) world.crash(true)
    world.send('segno.cancel')
    const [attempt] = world.attempts()
    expect(attempt?.input).toEqual({ name: 'Ada' })
  },
)
