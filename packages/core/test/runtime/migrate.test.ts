import type { Definition } from '@segno/schema/plan'
import { describe, expect, test } from 'vitest'
import { settled } from '../../src/testing/virtual-clock.ts'
import { journalOf, world } from './world.ts'

const first: Definition = {
  segno: 1,
  name: 'order',
  steps: [
    { id: 'pack', uses: 'say', with: 'pack' },
    { id: 'paid', waitFor: { signal: 'paid' }, timeout: '30d' },
    { id: 'ship', uses: 'say', with: 'ship' },
  ],
}
const second: Definition = {
  ...first,
  input: { gift: { type: 'boolean', default: false } },
  steps: [
    ...first.steps.slice(0, 2),
    { id: 'ship', uses: 'say', with: 'ship with care' },
    { id: 'thank', uses: 'thank', with: '${{ input.gift }}' },
  ],
}

function handlersOf(calls: unknown[]) {
  const keep = (_: unknown, input: unknown) => {
    calls.push(input)
  }
  return { say: keep, thank: { perform: keep, version: '2.1.0' } }
}

describe('runs in flight that are migrated', () => {
  test('go on by the new workflow, with the handlers and defaults that it adds, also after a crash', async () => {
    const here = world()
    const calls: unknown[] = []
    const engine = here.engine({ handlers: handlersOf(calls), owner: 'one' })
    const run = await engine.start(first)
    await settled()
    const before = (await run.row()).plan

    const [report] = await engine.migrate([run.id], second, { actor: 'Ada', reason: 'thank people' })
    expect(report).toMatchObject({ outcome: 'sent', from: before, reasons: [] })
    await settled()
    const { plan } = await run.row()
    expect(plan).toBe(report?.to)
    const migrated = (await journalOf(here.storage, run.id)).find(({ type }) => type === 'plan.migrated')
    expect(migrated).toMatchObject({
      from: before,
      to: plan,
      actor: 'Ada',
      reason: 'thank people',
      input: { gift: false },
    })
    expect(migrated).toMatchObject({ handlers: { say: {}, thank: { version: '2.1.0' } } })
    expect(await run.view()).toMatchObject({ status: 'waiting', waits: [{ path: 'paid' }] })
    await engine.close()

    await using other = here.engine({ handlers: handlersOf(calls) })
    await other.recover()
    await other.run(run.id).signal('paid')
    expect((await here.inTime(other.run(run.id).result())).status).toBe('completed')
    expect(calls).toEqual(['pack', 'ship with care', false])
  })

  test('are migrated before what came after the order is taken in', async () => {
    const here = world()
    const calls: unknown[] = []
    const engine = here.engine({ handlers: handlersOf(calls), owner: 'one' })
    const run = await engine.start(first)
    await settled()
    await engine.close()

    const carrier = here.engine({ handlers: handlersOf(calls), owner: 'two' })
    await carrier.migrate([run.id], second)
    await carrier.run(run.id).signal('paid')
    await carrier.close()
    await using other = here.engine({ handlers: handlersOf(calls) })
    await other.recover({ runIds: [run.id] })
    expect((await here.inTime(other.run(run.id).result())).status).toBe('completed')
    expect(calls).toEqual(['pack', 'ship with care', false])
  })

  test('are only looked at in a dry run, which tells of each what stands against it', async () => {
    const here = world()
    await using engine = here.engine({ handlers: handlersOf([]) })
    const waiting = await engine.start(first, {}, { id: 'waiting' })
    const done = await engine.start({ ...first, steps: first.steps.slice(0, 1) }, {}, { id: 'done' })
    await here.inTime(done.result())
    await settled()
    const without: Definition = { ...first, steps: first.steps.slice(1) }

    expect(await engine.migrate({}, without, { dryRun: true })).toMatchObject([
      { runId: 'waiting', outcome: 'refused', reasons: [{ code: 'STEP_REMOVED', path: 'pack' }] },
    ])
    expect(await engine.migrate({}, second, { dryRun: true })).toMatchObject([{ runId: 'waiting', outcome: 'fits' }])
    expect(await engine.migrate(['done', 'waiting'], first)).toMatchObject([{ outcome: 'ended' }, { outcome: 'same' }])
    expect((await journalOf(here.storage, waiting.id)).map(({ type }) => type)).not.toContain('plan.migrated')
    await expect(engine.migrate(['nobody'], second)).rejects.toMatchObject({ code: 'RUN_UNKNOWN' })
  })

  test('stay as they are where the plan is not in the store, and the journal says so', async () => {
    const here = world()
    await using engine = here.engine({ handlers: handlersOf([]) })
    const run = await engine.start(first)
    await settled()
    const payload = { plan: 'f'.repeat(64) }
    await here.storage.deliver(run.id, { id: 'm', name: 'segno.migrate', payload })
    await here.inTime(engine.recover({ runIds: [run.id] }))
    await settled()
    const acted = (await journalOf(here.storage, run.id)).find(({ type }) => type === 'operator.acted')
    expect(acted).toMatchObject({ action: 'migrate', refused: { code: 'PLAN_MISSING' } })
  })
})
