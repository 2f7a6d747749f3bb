import type { Definition, Step } from '@segno/schema/plan'
import { describe, expect, test } from 'vitest'
import { settled } from '../../src/testing/virtual-clock.ts'
import { deaf, expectLawful, journalOf, typesOf, world } from './world.ts'

const packing: Definition = {
  segno: 1,
  name: 'packing',
  input: { box: { type: 'integer' } },
  output: { packed: { type: 'integer', value: '${{ input.box }}' } },
  steps: [{ id: 'pack', uses: 'pack', with: '${{ input.box }}' }],
  finally: [{ id: 'sweep', uses: 'sweep' }],
}

function parent(steps: readonly Step[], rest: Partial<Definition> = {}): Definition {
  return { segno: 1, name: 'shipping', imports: { packing }, steps, ...rest }
}

const one: Step = { id: 'box', start: 'packing', with: { box: 7 } }

describe('a child run', () => {
  test('has a journal of its own, the labels of its parent, and says where it comes from', async () => {
    const here = world()
    await using engine = here.engine({ handlers: { pack: () => null, sweep: () => null } })
    const labels = { team: 'ops' }
    const run = await engine.start(parent([one]), {}, { labels })
    await here.inTime(run.result())

    const { runs } = await engine.list({ workflow: 'packing' })
    const [child] = runs
    expect(child).toMatchObject({ status: 'completed', labels, parent: { runId: run.id, path: 'box' } })
    expect(await typesOf(here.storage, engine.run(child?.runId ?? ''))).toContain('run.settled')
    await expectLawful(here.storage, run.id)
    await expectLawful(here.storage, child?.runId ?? '')
  })

  test('gives its output to the step that started it, also one that is kept beside the journal', async () => {
    const here = world()
    const steps: Step[] = [{ id: 'large', set: { text: '${{ input.text }}' } }]
    const copying: Definition = {
      segno: 1,
      name: 'copying',
      input: { text: { type: 'string' } },
      output: { text: { type: 'string', value: '${{ steps.large.output.text }}' } },
      steps,
    }
    const text = 'x'.repeat(20_000)
    await using engine = here.engine()
    const definition: Definition = {
      segno: 1,
      name: 'outer',
      imports: { copying },
      input: { text: { type: 'string' } },
      output: { size: { type: 'integer', value: '${{ size(steps.copy.output.text) }}' } },
      steps: [{ id: 'copy', start: 'copying', with: { text: '${{ input.text }}' } }],
    }
    expect(await here.resultOf(engine, definition, { text })).toEqual({ status: 'completed', output: { size: 20_000 } })
  })

  test('is created once, however often the process dies', async () => {
    const here = world()
    const calls: string[] = []
    const handlers = { pack: (context: { runId: string }) => void calls.push(context.runId), sweep: () => null }
    for (let lives = 0; lives < 3; lives++) {
      const engine = here.engine({ handlers: { ...handlers, pack: deaf() }, limits: { leaseMs: 1000 } })
      if (lives === 0) await engine.start(parent([one]), {}, { id: 'shipping' })
      else await engine.recover()
      await settled()
      await here.inTime(engine.close())
      await here.clock.advanceBy(5000)
    }
    await using engine = here.engine({ handlers })
    await engine.recover()
    const result = await here.inTime(engine.run('shipping').result())

    expect(result.status).toBe('completed')
    expect((await engine.list({ workflow: 'packing' })).runs).toHaveLength(1)
    expect(new Set(calls).size).toBe(1)
  })

  test('is stopped with the run that started it, which ends after it', async () => {
    const here = world()
    const swept: string[] = []
    const handlers = { pack: deaf(), sweep: (context: { runId: string }) => void swept.push(context.runId) }
    await using engine = here.engine({ handlers })
    const background: Step = { id: 'background', start: 'packing', wait: false, with: { box: 1 } }
    const run = await engine.start(parent([background, one]))
    await settled()
    await run.cancel({ reason: 'closed for today' })
    expect(await here.inTime(run.result())).toMatchObject({ status: 'cancelled', reason: 'closed for today' })

    const { runs } = await engine.list({ workflow: 'packing' })
    expect(runs.map(({ status }) => status)).toEqual(['cancelled', 'cancelled'])
    expect(swept).toHaveLength(2)
    const journal = await journalOf(here.storage, run.id)
    const types = journal.map(({ type }) => type)
    expect(types.lastIndexOf('child.settled')).toBeLessThan(types.indexOf('run.cancelled'))
  })

  test('that is detached goes on without the run that started it', async () => {
    const here = world()
    const engine = here.engine({ handlers: { pack: deaf(), sweep: () => null } })
    const run = await engine.start(parent([{ ...one, detached: true } as Step]))
    await settled()
    await run.cancel()
    expect((await here.inTime(run.result())).status).toBe('cancelled')
    const [child] = (await engine.list({ workflow: 'packing' })).runs
    expect(child?.status).toBe('running')
    await here.inTime(engine.close())
  })

  test('is waited for by a run that has nothing else to do', async () => {
    const here = world()
    const handlers = { pack: deaf(), sweep: () => null }
    await using engine = here.engine({ handlers })
    const run = await engine.start(parent([{ ...one, wait: false } as Step]))
    await settled()
    expect(await run.status()).toBe('waiting')
    const [child] = (await engine.list({ workflow: 'packing' })).runs
    await engine.run(child?.runId ?? '').cancel()
    expect((await here.inTime(run.result())).status).toBe('completed')
  })

  test('that cannot be started fails its step with the reason', async () => {
    const here = world()
    await using engine = here.engine({ handlers: { pack: () => null, sweep: () => null } })
    const wanting: Definition = { ...packing, secrets: ['TOKEN'] }
    const definition: Definition = { segno: 1, name: 'outer', imports: { packing: wanting }, steps: [one] }
    expect(await here.failureOf(engine, definition)).toMatchObject({ code: 'SECRET_MISSING', retryable: false })
    expect((await engine.list({ workflow: 'packing' })).runs).toEqual([])
  })
})
