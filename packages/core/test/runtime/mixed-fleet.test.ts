import type { Definition } from '@segno/schema/plan'
import { describe, expect, test } from 'vitest'
import type { Engine } from '../../src/runtime/engine-options.ts'
import { engineProcess } from '../../src/testing/engine-process.ts'
import { settled } from '../../src/testing/virtual-clock.ts'
import { handlers, memory, nap, secretive, statusOf, toOthers } from './fleet.ts'
import { deaf, expectLawful, journalOf, oneStep, twoSteps, world } from './world.ts'

describe('in a mixed fleet', () => {
  const able = { handlers: { first: () => 1, second: () => 2 } }

  async function many(engine: Engine, count: number): Promise<string[]> {
    const runs: string[] = []
    for (let index = 0; index < count; index += 1) runs.push((await engine.start(twoSteps, {}, toOthers)).id)
    return runs
  }

  test('a run whose handlers are missing here is left to others, blocks nothing, and is told now and then', async () => {
    const here = world()
    await using lacking = here.engine({ handlers: { work: () => 1, first: () => 1 } })
    lacking.work({ concurrency: 5 })
    const foreign = await many(lacking, 50)
    const own = await lacking.start(oneStep(), {}, toOthers)
    await here.clock.advanceBy(3_600_000)
    expect(await own.status()).toBe('completed')
    for (const runId of foreign) expect(await statusOf(here, runId)).toBe('queued')
    const told = here.logged.filter((line) => line.includes('left to others'))
    expect(told[0]).toContain('\\"second\\"')
    expect(told.length).toBeLessThan(20)
    await using fleet = here.engine(able)
    fleet.work()
    await here.clock.advanceBy(5000)
    for (const runId of foreign) expect(await statusOf(here, runId)).toBe('completed')
  })

  test('a run that has recorded another major version of a handler is left to an engine that has it', async () => {
    const here = world()
    const versioned = (version: string) => ({ work: { version, perform: () => version } })
    await using creator = here.engine({ handlers: versioned('1.2.0') })
    const definition: Definition = { ...oneStep(), output: { by: { value: '${{ steps.work.output }}' } } }
    const run = await creator.start(definition, {}, toOthers)
    await using newer = here.engine({ handlers: versioned('2.0.0') })
    newer.work()
    await here.clock.advanceBy(120_000)
    expect(await run.status()).toBe('queued')
    await using older = here.engine({ handlers: versioned('1.9.0') })
    older.work()
    expect(await here.inTime(run.output())).toEqual({ by: '1.9.0' })
  })

  test('a run whose secrets are missing here is left to others', async () => {
    const here = world()
    await using lacking = here.engine({ handlers })
    lacking.work()
    const run = await lacking.start(secretive, {}, toOthers)
    await here.clock.advanceBy(60_000)
    expect(await run.status()).toBe('queued')
    await using able2 = here.engine({ handlers, secrets: { get: async () => 'a-long-enough-secret' } })
    able2.work()
    expect((await here.inTime(run.result())).status).toBe('completed')
  })

  test('that it crashed who had a run before is not forgotten by one that leaves it to others', async () => {
    const here = world()
    const process = engineProcess(here)
    const dying = here.engine({
      storage: process.storage,
      clock: process.clock,
      handlers: { first: deaf(), second: deaf() },
    })
    const run = await dying.start(twoSteps)
    await settled()
    process.kill()
    await using lacking = here.engine()
    lacking.work()
    await here.clock.advanceBy(35_000)
    await using fleet = here.engine(able)
    fleet.work()
    expect((await here.inTime(fleet.run(run.id).result())).status).toBe('completed')
    expect((await journalOf(here.storage, run.id)).map(({ type }) => type)).toContain('run.adopted')
  })

  test('a workflow that brings its handlers is worked for as soon as it is known', async () => {
    const here = world()
    await using lacking = here.engine()
    const [first] = await many(lacking, 1)
    lacking.work()
    await here.clock.advanceBy(3_600_000)
    const brought = { definition: { ...twoSteps, name: 'brought' }, handlers: able.handlers, callSites: {} }
    await lacking.start(brought as never)
    await here.clock.advanceBy(1000)
    expect(await statusOf(here, first ?? '')).toBe('completed')
  })

  test('a child whose handlers are missing here is begun by another engine', async () => {
    const here = world()
    const child: Definition = { ...oneStep(), name: 'child' }
    const parent: Definition = {
      segno: 1,
      name: 'parent',
      imports: { child },
      steps: [
        { id: 'own', uses: 'own' },
        { id: 'start', start: 'child' },
      ],
    }
    await using creator = here.engine()
    const run = await creator.start(parent, {}, toOthers)
    await using parents = here.engine({ handlers: { own: () => 1 } })
    parents.work()
    await using children = here.engine({ handlers })
    children.work()
    expect((await here.inTime(run.result())).status).toBe('completed')
    const [row] = (await creator.list({ workflow: 'child' })).runs
    expect(row?.status).toBe('completed')
    await expectLawful(here.storage, run.id)
  })
})

describe('a run that nobody can drive', () => {
  const lost: Definition = { ...oneStep(), name: 'lost' }

  test.for(['its plan is missing', 'its plan is damaged', 'its journal is damaged'])(
    'because %s stops no other, and is told now and then',
    async (how) => {
      const here = world((clock) => {
        const inner = memory(clock)
        return {
          ...inner,
          async getPlan(hash) {
            const definition = await inner.getPlan(hash)
            if (definition?.name !== 'lost' || how === 'its journal is damaged') return definition
            return how === 'its plan is missing' ? undefined : oneStep({ title: 'another' })
          },
          async load(runId) {
            const loaded = await inner.load(runId)
            if (loaded?.row.workflow !== 'lost' || how !== 'its journal is damaged') return loaded
            throw Object.assign(new Error('a line is damaged'), { code: 'JOURNAL_DAMAGED' })
          },
        }
      })
      await using creator = here.engine({ handlers })
      for (let index = 0; index < 5; index += 1) await creator.start(lost, {}, toOthers)
      const runs = await Promise.all(Array.from({ length: 20 }, () => creator.start(oneStep(), {}, toOthers)))
      await using worker = here.engine({ handlers })
      worker.work({ concurrency: 2 })
      await here.clock.advanceBy(60_000)
      expect(await Promise.all(runs.map((run) => run.status()))).toEqual(runs.map(() => 'completed'))
      await here.clock.advanceBy(3_600_000)
      // Five runs, and ten minutes between two words about each in the end.
      expect(here.logged.length).toBeLessThan(150)
      expect(here.logged.length).toBeGreaterThan(5)
    },
  )

  test('is asked for ever more rarely also by the engine that has started it', async () => {
    let isDamaged = false
    const here = world((clock) => {
      const inner = memory(clock)
      return {
        ...inner,
        async load(runId) {
          if (!isDamaged) return inner.load(runId)
          throw Object.assign(new Error('a line is damaged'), { code: 'JOURNAL_DAMAGED' })
        },
      }
    })
    await using one = here.engine()
    const run = await one.start(nap('1m'))
    await settled()
    isDamaged = true
    await here.clock.advanceBy(7_200_000)
    expect(here.logged.length).toBeLessThan(10)
    isDamaged = false
    await here.clock.advanceBy(3_700_000)
    expect(await run.status()).toBe('completed')
  })
})
