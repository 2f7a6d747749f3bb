import type { RunBundle } from '@segno/schema'
import type { Definition } from '@segno/schema/plan'
import { describe, expect, test } from 'vitest'
import { exportRun } from '../../src/bundle/export-run.ts'
import { importRun } from '../../src/bundle/import-run.ts'
import { SegnoError } from '../../src/error.ts'
import type { RunHandle } from '../../src/runtime/run-handle.ts'
import { settled } from '../../src/testing/virtual-clock.ts'
import { expectLawful, journalOf, obedient, world } from '../runtime/world.ts'
import type { World } from '../runtime/world.ts'

const secret = 'sk-live-1234567890'

const order: Definition = {
  segno: 1,
  name: 'order',
  input: {
    customer: { type: 'string' },
    kind: { type: 'string', enum: ['gift', 'own'] },
    apiKey: { type: 'string' },
    note: { type: 'string', default: '' },
  },
  output: { seat: { type: 'string', value: '${{ steps.book.output.seat }}' } },
  steps: [
    { id: 'note', set: { note: '${{ input.note }}', kind: '${{ input.kind }}' } },
    { id: 'book', uses: 'book', with: { customer: '${{ input.customer }}', authorization: '${{ input.apiKey }}' } },
    { id: 'paid', waitFor: { signal: 'paid' } },
    { id: 'ship', uses: 'ship', with: { to: '${{ input.customer }}' } },
  ],
}

const input = { customer: 'Ada Lovelace', kind: 'gift', apiKey: secret, note: 'y'.repeat(20_000) }
const handlers = { book: () => ({ seat: '12A', token: secret }), ship: () => null }

async function waiting(here: World): Promise<RunHandle> {
  const engine = here.engine({ handlers })
  const run = await engine.start(order, input, { id: 'run_order', idempotencyKey: 'order-1' })
  await settled()
  await engine.close()
  return run
}

async function ended(here: World): Promise<RunHandle> {
  await using engine = here.engine({ handlers })
  const run = await engine.start(order, input, { id: 'run_order' })
  await run.signal('paid', { amount: 3 }, { id: 's1', sender: 'bank' })
  await here.inTime(run.result())
  return run
}

async function mistakeOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    return await promise
  } catch (error) {
    if (!SegnoError.is(error)) throw error
    return { code: error.code, details: error.details }
  }
}

describe('an exported run that has ended', () => {
  test('is in another store as it was, journal, values and output', async () => {
    const [here, there] = [world(), world()]
    const run = await ended(here)
    const bundle = await exportRun(here.storage, run.id, { redact: false })

    expect(await importRun(there.storage, JSON.parse(JSON.stringify(bundle)))).toEqual({
      runId: run.id,
      status: 'completed',
    })
    expect(await journalOf(there.storage, run.id)).toEqual(await journalOf(here.storage, run.id))
    await expectLawful(there.storage, run.id)
    await using reader = there.engine()
    expect(await reader.run(run.id).output()).toEqual({ seat: '12A' })
    for (const [hash, text] of Object.entries(bundle.blobs)) {
      expect(await there.storage.getBlob(run.id, hash)).toBe(text)
    }
    expect(Object.values(bundle.blobs)).toHaveLength(2)
  })

  test('is refused where the store has it already, and nothing is changed', async () => {
    const here = world()
    const run = await ended(here)
    const bundle = await exportRun(here.storage, run.id)
    const before = await journalOf(here.storage, run.id)

    expect(await mistakeOf(importRun(here.storage, bundle))).toEqual({ code: 'RUN_EXISTS', details: { runId: run.id } })
    expect(await journalOf(here.storage, run.id)).toEqual(before)
  })
})

describe('an exported run that has not ended', () => {
  test('arrives paused, by whom its journal says, and nothing of it starts by itself', async () => {
    const [here, there] = [world(), world()]
    const run = await waiting(here)
    const bundle = await exportRun(here.storage, run.id, { redact: false })
    expect(await importRun(there.storage, bundle, { actor: 'ada' })).toEqual({ runId: run.id, status: 'paused' })
    await expectLawful(there.storage, run.id)
    await using engine = there.engine({ handlers })
    await engine.recover()
    await engine.run(run.id).signal('paid', null, { id: 's1' })
    await there.clock.advanceBy(60_000)

    expect(await engine.run(run.id).status()).toBe('paused')
    const acted = (await journalOf(there.storage, run.id)).find(({ type }) => type === 'operator.acted')
    expect(acted).toMatchObject({ action: 'pause', actor: 'ada' })

    await engine.run(run.id).resume()
    expect(await there.inTime(engine.run(run.id).output())).toEqual({ seat: '12A' })
  })

  test('has lost its attempts: resumed, it makes them again', async () => {
    const [here, there] = [world(), world()]
    const stopping = here.engine({ handlers: { ...handlers, book: obedient() } })
    const run = await stopping.start(order, input, { id: 'run_order' })
    await settled()
    const bundle = await exportRun(here.storage, run.id, { redact: false })
    await stopping.close()
    await importRun(there.storage, bundle)
    const types = (await journalOf(there.storage, run.id)).map(({ type }) => type)
    expect(types.slice(-2)).toEqual(['operator.acted', 'attempt.lost'])
    await using engine = there.engine({ handlers })
    await engine.recover()
    await engine.run(run.id).resume()
    await engine.run(run.id).signal('paid')

    expect(await there.inTime(engine.run(run.id).output())).toEqual({ seat: '12A' })
  })

  test('brings the messages that it had not taken in, and knows those that it had', async () => {
    const [here, there] = [world(), world()]
    const run = await waiting(here)
    await using reader = here.engine()
    await reader.run(run.id).signal('other', 1, { id: 'late' })
    const bundle = await exportRun(here.storage, run.id, { redact: false })
    expect(bundle.inbox).toMatchObject([{ id: 'late', name: 'other', payload: 1 }])
    await importRun(there.storage, bundle)
    await using engine = there.engine({ handlers })

    expect(await engine.run(run.id).signal('other', 1, { id: 'late' })).toBe('duplicate')
    const [pause] = (await journalOf(there.storage, run.id)).flatMap((event) => ('id' in event ? [event.id] : []))
    expect(pause).toMatch(/^imp_/)
  })

  test('keeps its idempotency key', async () => {
    const [here, there] = [world(), world()]
    const run = await waiting(here)
    await importRun(there.storage, await exportRun(here.storage, run.id, { redact: false }))
    await using engine = there.engine({ handlers })

    expect((await engine.start(order, input, { id: 'run_other', idempotencyKey: 'order-1' })).id).toBe(run.id)
  })

  test('that is being cancelled is refused: nobody could hold it', async () => {
    const [here, there] = [world(), world()]
    const engine = here.engine({ handlers: { ...handlers, book: () => new Promise(() => undefined) } })
    const run = await engine.start(order, input, { id: 'run_order' })
    await run.cancel()
    await settled()
    const bundle = await exportRun(here.storage, run.id)

    expect(await mistakeOf(importRun(there.storage, bundle))).toMatchObject({
      code: 'BUNDLE_INVALID',
      details: { pointer: '/row/status' },
    })
    await here.inTime(engine.close())
  })
})

describe('a child run', () => {
  const parent: Definition = {
    segno: 1,
    name: 'parent',
    imports: { child: { segno: 1, name: 'child', steps: [{ id: 'one', set: { secret: 'written here' } }] } },
    steps: [{ id: 'start', start: 'child' }],
  }

  test('comes with its parent where it is asked for', async () => {
    const [here, there] = [world(), world()]
    await using engine = here.engine()
    const run = await engine.start(parent)
    await here.inTime(run.result())
    const alone = await exportRun(here.storage, run.id)
    const bundle = await exportRun(here.storage, run.id, { children: true })
    expect([alone.children, bundle.children?.length]).toEqual([undefined, 1])
    await importRun(there.storage, bundle)

    const child = bundle.children?.[0]?.row.runId ?? ''
    expect(await there.storage.row(child)).toMatchObject({ status: 'completed', workflow: 'child' })
  })
})

describe('a redacted bundle', () => {
  test('holds nothing that stands under a telling key, and comes to the same end', async () => {
    const [here, there] = [world(), world()]
    const run = await ended(here)
    const bundle = await exportRun(here.storage, run.id)

    expect(JSON.stringify(bundle)).not.toContain(secret)
    expect(bundle.redacted).toBe('keys')
    expect(JSON.stringify(bundle)).toContain('Ada Lovelace')
    expect(await importRun(there.storage, bundle)).toMatchObject({ status: 'completed' })
  })

  test('without values keeps their lengths and what the definition compares with', async () => {
    const [here, there] = [world(), world()]
    const run = await ended(here)
    const bundle = await exportRun(here.storage, run.id, { redact: 'values' })
    const text = JSON.stringify(bundle)

    for (const value of ['Ada Lovelace', secret, 'yyyy']) expect(text).not.toContain(value)
    const created = bundle.events[0]
    const kept = created?.type === 'run.created' ? created.inputBlob : undefined
    expect(JSON.parse(bundle.blobs[kept?.sha256 ?? ''] ?? '')).toEqual({
      customer: 'x'.repeat(12),
      kind: 'gift',
      apiKey: '«redacted»',
      note: 'x'.repeat(20_000),
    })
    expect(await importRun(there.storage, bundle)).toMatchObject({ status: 'completed' })
    await expectLawful(there.storage, run.id)
  })

  test('by a function has what that gives, leaf by leaf', async () => {
    const here = world()
    const run = await ended(here)
    const bundle = await exportRun(here.storage, run.id, {
      redact: (key, value) => (key === 'customer' || value === input.customer ? 'somebody' : value),
    })

    expect(JSON.stringify(bundle)).not.toContain('Ada Lovelace')
    expect(JSON.stringify(bundle)).toContain('somebody')
  })
})

describe('a bundle that does not hold together is refused with the place:', () => {
  const changes: readonly [string, string, (bundle: Mutable) => void][] = [
    ['no bundle', '', (bundle) => Reflect.deleteProperty(bundle, 'format')],
    ['an event of another kind', '/events/2', (bundle) => Object.assign(bundle.events[2] ?? {}, { type: 'made.up' })],
    ['an event that is missing', '/events/2/seq', (bundle) => bundle.events.splice(2, 1)],
    [
      'an event of another run',
      '/events/1/runId',
      (bundle) => Object.assign(bundle.events[1] ?? {}, { runId: 'run_x' }),
    ],
    ['an event that cannot follow', '/events/2', (bundle) => Object.assign(bundle.events[2] ?? {}, { attempt: 7 })],
    ['another head', '/row/head', (bundle) => Object.assign(bundle.row, { head: 2 })],
    ['another workflow', '/row/workflow', (bundle) => Object.assign(bundle.row, { workflow: 'x' })],
    ['another status', '/row/status', (bundle) => Object.assign(bundle.row, { status: 'failed' })],
    [
      'another plan under the hash',
      '/plans/',
      (bundle) => Object.values(bundle.plans).forEach((plan) => Object.assign(plan, { name: 'other' })),
    ],
    ['a plan that is missing', '/events/0/plan', (bundle) => Object.assign(bundle, { plans: {} })],
    [
      'another value under the hash',
      '/blobs/',
      (bundle) => Object.keys(bundle.blobs).forEach((hash) => Object.assign(bundle.blobs, { [hash]: '"x"' })),
    ],
    ['a value that is missing', '/events/0', (bundle) => Object.assign(bundle, { blobs: {} })],
  ]

  test.for(changes)('%s', async ([, pointer, change]) => {
    const [here, there] = [world(), world()]
    const run = await ended(here)
    const bundle = structuredClone(await exportRun(here.storage, run.id)) as Mutable
    change(bundle)

    expect(await mistakeOf(importRun(there.storage, bundle))).toMatchObject({
      code: 'BUNDLE_INVALID',
      details: { pointer: expect.stringContaining(pointer) as string },
    })
    expect((await there.storage.list({}, { limit: 1 })).runs).toEqual([])
  })
})

type Mutable = RunBundle & { events: object[]; blobs: Record<string, string>; row: object }

test('a run that is not there cannot be exported', async () => {
  expect(await mistakeOf(exportRun(world().storage, 'run_none'))).toMatchObject({ code: 'RUN_UNKNOWN' })
})
