import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { after, crashMatrix, failure, LawBroken, simulate, testRun } from '@segno/core/testing'
import type { HandlerContext } from 'segno'
import { describe, expect, test } from 'vitest'
import { order } from './order.ts'
import { typedOrder } from './typed-order.ts'

const input = { order: 'A1', amount: 54 }
const mocks = { pay: { charge: 'c1' }, 'pay.undo': null, ship: { parcel: 'p1' } }
const opinion = { name: 'opinion', data: { stars: 5 } }
const signals = [opinion]
const dayMs = 24 * 3_600_000

describe('with mocks', () => {
  test('an order is paid, sent, and has an opinion a week later: in no time', async () => {
    const run = await testRun(order, { input, mocks, signals: [{ ...opinion, after: '9d' }] })
    expect(run.output).toEqual({ parcel: 'p1', stars: 5 })
    expect(run.tookMs).toBe(9 * dayMs)
  })

  test('a bank that is down is asked again', async () => {
    const pay = (_: unknown, turn: number) => (turn < 3 ? failure('BANK_DOWN') : after('2s', { charge: 'c1' }))
    const run = await testRun(order, { input, mocks: { ...mocks, pay }, signals })
    expect(run.callsOf('pay').map(({ attempt }) => attempt)).toEqual([1, 2, 3])
    expect(run.status).toBe('completed')
  })

  test('a parcel that cannot be sent takes the money back', async () => {
    const run = await testRun(order, { input, mocks: { ...mocks, ship: failure('GONE', { retryable: false }) } })
    expect(run.failure?.code).toBe('GONE')
    expect(run.callsOf('pay.undo')).toEqual([{ path: 'pay.undo', attempt: 1, input: { order: 'A1' } }])
  })

  test('a large order waits for a person, and is refused or expires', async () => {
    const large = { input: { ...input, amount: 5000 }, mocks, until: 0 }
    const run = await testRun(order, large)
    expect(run.waitsFor).toMatchObject([{ path: 'allowed', for: 'answer' }])
    await run.answer('allowed', { choice: 'no', by: 'ada' })
    expect(run.failure?.code).toBe('ORDER_REFUSED')

    const other = await testRun(order, large)
    await other.advanceBy('2d')
    expect(other.failure?.code).toBe('TIMEOUT')
  })

  test('what was not thought of ends the test, not the run', async () => {
    await expect(testRun(order, { input, mocks: { pay: { charge: 'c1' } } })).rejects.toThrow(
      /"ship" is to do its work/,
    )
    await expect(testRun(order, { input, mocks: { shipp: {} } })).rejects.toThrow(/did you mean "ship"/)
  })
})

test('a crash anywhere changes nothing', async () => {
  const { reference, crashes } = await crashMatrix(order, { input, mocks, signals: [{ ...opinion, atMs: 0 }] })
  expect(reference.output).toEqual({ parcel: 'p1', stars: 5 })
  expect(crashes.length).toBe(10)
})

test('nor does anything else that can go wrong, in any order', async () => {
  const { seeds, crashes, faults } = await simulate(order, { input, mocks, signals, seeds: 25 })
  expect(seeds).toBe(25)
  expect(crashes).toBeGreaterThan(0)
  expect(Object.keys(faults).length).toBeGreaterThan(10)
})

describe('a mistake in a handler', () => {
  // It names the charge by the attempt, where the idempotency key of the step would be the same for all of them.
  const handlers = {
    'payments.charge': ({ attempt }: HandlerContext, { order: name }: { readonly order: string }) => ({
      charge: `${name}-${attempt}`,
    }),
    'payments.refund': () => null,
    'parcels.send': () => ({ parcel: 'p' }),
  }
  const charged = {
    ...order.definition,
    output: { charge: { type: 'string', value: '${{ steps.pay.output.charge }}' } },
  } as const

  test('is found by the crash matrix', async () => {
    const found = crashMatrix(charged, { input, handlers, signals: [{ ...opinion, atMs: 0 }] })
    await expect(found).rejects.toThrow(
      /a crash (before|after) the acknowledgement.*a run with a crash ends as the run without/s,
    )
  })

  test('is found by a simulation, which tells the smallest world that shows it', async () => {
    const found = simulate(charged, { input, handlers, signals, seeds: 100 })
    const error = await found.catch((broken: unknown) => broken)
    expect(error).toBeInstanceOf(LawBroken)
    expect(String(error)).toMatch(/a run with crashes ends as the run without/)
    expect(String(error)).toMatch(/Again, only this: simulate\(workflow, \{ \.\.\.options, seeds: \[\d+\], world: /)
  })
})

test('a typed workflow knows what it gives', async () => {
  const run = await testRun(typedOrder, { input, mocks: { pay: { charge: 'c1' }, ship: { parcel: 'p1' } } })
  expect(run.output?.charge).toBe('c1')
})

test('all of this works with the test runner of Node', async () => {
  const argv = ['--conditions=@segno/source', '--test', 'typed-order.node-test.ts']
  const { NODE_TEST_CONTEXT: _ours, ...env } = process.env
  const { stdout } = await promisify(execFile)(process.execPath, argv, { cwd: import.meta.dirname, env })
  expect(stdout).toMatch(/pass 3\n.*fail 0\n/s)
})
