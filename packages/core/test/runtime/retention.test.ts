import type { Definition } from '@segno/schema/plan'
import { describe, expect, test } from 'vitest'
import type { Storage } from '../../src/ports/storage.ts'
import { memoryStorage } from '../../src/runtime/memory-storage.ts'
import { settled } from '../../src/testing/virtual-clock.ts'
import { oneStep, world } from './world.ts'
import type { World } from './world.ts'

const child: Definition = { ...oneStep(), name: 'child' }
const waiting: Definition = { segno: 1, name: 'waiting', steps: [{ id: 'wait', waitFor: { signal: 'go' } }] }
const handlers = { work: () => 1 }
const dayMs = 86_400_000

function parent(start: object = { id: 'start', start: 'child' }): Definition {
  return { segno: 1, name: 'parent', imports: { child, waiting }, steps: [start] } as unknown as Definition
}

async function idsIn({ storage }: { readonly storage: Storage }): Promise<string[]> {
  return (await storage.list({}, { limit: 1000 })).runs.map(({ workflow }) => workflow).toSorted()
}

async function completed(here: World, definition: Definition, options: object = {}): Promise<string> {
  const engine = here.engine({ handlers })
  const run = await engine.start(definition, {}, options)
  await here.inTime(run.result())
  await settled()
  await engine.close()
  return run.id
}

describe('deleting a run', () => {
  test('takes the runs with it that it has started, and what it was started with', async () => {
    const here = world()
    await using engine = here.engine({ handlers })
    const runId = await completed(here, parent(), { idempotencyKey: 'k' })
    expect(await idsIn(here)).toEqual(['child', 'parent'])
    await engine.delete(runId)
    expect(await idsIn(here)).toEqual([])
    await expect(engine.delete(runId)).rejects.toMatchObject({ code: 'RUN_UNKNOWN' })
    const again = await engine.start(parent(), {}, { idempotencyKey: 'k' })
    expect(again.id).not.toBe(runId)
  })

  test('is refused while it, its parent, or a run that it has started goes on', async () => {
    const here = world()
    await using engine = here.engine({ handlers })
    const run = await engine.start(parent({ id: 'start', start: 'waiting' }))
    await settled()
    const [started] = (await engine.list({ workflow: 'waiting' })).runs
    const details = { runId: started?.runId, status: 'waiting' }
    await expect(engine.delete(started?.runId ?? '')).rejects.toMatchObject({ code: 'RUN_OPEN', details })
    await expect(engine.delete(run.id)).rejects.toMatchObject({ code: 'RUN_OPEN' })
    const detached = parent({ id: 'start', start: 'waiting', wait: false, detached: true })
    const parentId = await completed(here, detached)
    await expect(engine.delete(parentId)).rejects.toThrow('which belongs to')
  })

  test('of a child is refused as long as its parent may ask for it', async () => {
    const here = world()
    await using engine = here.engine({ handlers })
    const steps = [
      { id: 'start', start: 'child' },
      { id: 'wait', waitFor: { signal: 'go' } },
    ]
    const run = await engine.start({ ...parent(), steps } as unknown as Definition)
    await settled()
    const [ended] = (await engine.list({ workflow: 'child' })).runs
    expect(ended?.status).toBe('completed')
    await expect(engine.delete(ended?.runId ?? '')).rejects.toMatchObject({ code: 'RUN_OPEN' })
    await run.signal('go')
    await settled()
    await engine.delete(ended?.runId ?? '')
    expect(await idsIn(here)).toEqual(['parent'])
  })
})

describe('retaining runs', () => {
  test('deletes those that ended long ago, and says which', async () => {
    const here = world()
    const old = await completed(here, parent())
    await here.clock.advanceBy(2 * dayMs)
    await completed(here, oneStep())
    await using engine = here.engine({ handlers })
    await engine.start(waiting)
    const would = await engine.retain({ endedForMs: dayMs, dryRun: true })
    expect(await idsIn(here)).toHaveLength(4)
    const gone = await engine.retain({ endedForMs: dayMs })
    expect(gone.map(({ runId }) => runId)).toEqual(would.map(({ runId }) => runId))
    expect(gone.map(({ workflow }) => workflow)).toEqual(['child', 'parent'])
    expect(gone.at(-1)?.runId).toBe(old)
    expect(await idsIn(here)).toEqual(['one', 'waiting'])
  })

  test('keeps the newest, counted without the runs that they have started', async () => {
    const here = world()
    for (let index = 0; index < 5; index += 1) {
      await completed(here, parent())
      await here.clock.advanceBy(1000)
    }
    await using engine = here.engine()
    await engine.retain({ keep: 2 })
    expect(await idsIn(here)).toEqual(['child', 'child', 'parent', 'parent'])
    await engine.retain({ keep: 0, filter: { workflow: 'nobody' } })
    expect(await idsIn(here)).toHaveLength(4)
    await engine.retain({ keep: 0 })
    expect(await idsIn(here)).toEqual([])
  })

  test('deletes hundreds page by page, and none twice', async () => {
    const here = world()
    const engine = here.engine({ handlers })
    const runs = await Promise.all(Array.from({ length: 250 }, () => engine.start(oneStep())))
    await Promise.all(runs.map((run) => run.result()))
    await engine.close()
    await using other = here.engine()
    const gone = await other.retain({ keep: 10 })
    expect(new Set(gone.map(({ runId }) => runId)).size).toBe(240)
    expect(await idsIn(here)).toHaveLength(10)
  })

  test('leaves no run behind whose parent is gone where the store fails in between', async () => {
    let left = 1
    const here = world((clock) => {
      const inner = memoryStorage({ now: () => clock.now() })
      return {
        ...inner,
        delete: (runId) => (left-- > 0 ? inner.delete(runId) : Promise.reject(new Error('no disk'))),
      }
    })
    await completed(here, parent())
    await using engine = here.engine()
    await expect(engine.retain({ keep: 0 })).rejects.toThrow('no disk')
    expect(await idsIn(here)).toEqual(['parent'])
    left = 10
    await engine.retain({ keep: 0 })
    expect(await idsIn(here)).toEqual([])
  })

  test.for([[{}], [{ keep: -1 }], [{ keep: 1.5 }], [{ endedForMs: -1 }]])('refuses %o', async ([options]) => {
    await using engine = world().engine()
    await expect(engine.retain(options as never)).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' })
  })
})
