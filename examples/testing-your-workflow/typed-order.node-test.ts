import assert from 'node:assert/strict'
import { test } from 'node:test'
import { crashMatrix, simulate, testRun } from '@segno/core/testing'
import { typedOrder } from './typed-order.ts'

const input = { order: 'A1', amount: 54 }
const mocks = { pay: { charge: 'c1' }, ship: { parcel: 'p1' } }

await test('an order is paid and sent', async () => {
  const run = await testRun(typedOrder, { input, mocks })
  assert.deepEqual(run.output, { charge: 'c1', parcel: 'p1' })
  assert.equal(run.tookMs, 24 * 3_600_000)
})

await test('a crash anywhere changes nothing', async () => {
  await crashMatrix(typedOrder, { input, mocks })
})

await test('nor does anything else that can go wrong', async () => {
  await simulate(typedOrder, { input, mocks, seeds: 20 })
})
