import type { Definition } from '@segno/schema/plan'
import { describe, expect, test } from 'vitest'
import type { HandlerContext } from '../runtime/handler.ts'
import { LawBroken } from './expectation.ts'
import { failure } from './mock.ts'
import { simulate } from './simulator.ts'
import { profileOf } from './simulated-seed.ts'
import { profileFaults, storeProfiles } from './simulator-swarm.ts'

const order: Definition = {
  segno: 1,
  name: 'order',
  output: { parcel: { type: 'string', value: '${{ steps.ship.output }}' } },
  steps: [
    { id: 'pay', uses: 'pay', retry: { max: 3, delay: '1s', jitter: false } },
    { id: 'allowed', ask: { title: 'May it?', choices: ['yes', 'no'] } },
    { id: 'month', sleep: '30d' },
    { id: 'paid', waitFor: { signal: 'paid' } },
    { id: 'ship', uses: 'ship' },
  ],
}
const ofTransactions = ['refusedCommit', 'lostTransaction', 'fencedCommit'] as const
const given = {
  mocks: { pay: (_: unknown, turn: number) => (turn < 2 ? failure('DOWN') : { charge: 'c1' }), ship: 'a parcel' },
  signals: [{ name: 'paid' }],
  answers: { allowed: { choice: 'yes', by: 'ada' } },
}

test('a workflow with mocks, people and a month of sleep breaks no law in any world', async () => {
  const { seeds, crashes, simulatedMs, worldsByProfile } = await simulate(order, { ...given, seeds: 20 })

  expect([seeds, Object.values(worldsByProfile).reduce((sum, one) => sum + one, 0)]).toEqual([20, 20])
  expect(crashes).toBeGreaterThan(0)
  expect(simulatedMs).toBeGreaterThan(15 * 30 * 24 * 3_600_000)
})

describe('what is simulated', () => {
  test('is which seeds the test wants', async () => {
    const worlds = async (seeds: number | readonly number[] | { from: number; to: number }) =>
      (await simulate(order, { ...given, seeds, faults: 'none' })).seeds
    expect([await worlds(2), await worlds([7, 9, 11]), await worlds({ from: 5, to: 8 })]).toEqual([2, 3, 4])
    await expect(worlds(0)).rejects.toThrow(/`seeds` is 0/)
  })

  test('has no faults but those that the test wants', async () => {
    const none = await simulate(order, { ...given, seeds: 2, faults: 'none' })
    expect([none.faults, none.crashes]).toEqual([{}, 0])
    const some = await simulate(order, { ...given, seeds: 5, faults: ['refused', 'lostAnswer'] })
    expect(Object.keys(some.faults).toSorted()).toEqual(['lostAnswer', 'refused'])
    const sure = await simulate(order, { ...given, seeds: 2, faults: { clockSkew: 1 } })
    expect(Object.keys(sure.faults)).toEqual(['clockSkew'])
  })

  test('has no fault that there is not', async () => {
    const faults = ['crashes'] as never
    await expect(simulate(order, { ...given, faults })).rejects.toThrow(/There is no fault "crashes"; the faults are/)
  })
})

test.for(storeProfiles)('in some world the store fails as %s does', async (profile) => {
  const seeds = Array.from({ length: 60 }, (_, index) => index + 1).filter((seed) => profileOf(seed) === profile)
  const { faults, worldsByProfile } = await simulate(order, { ...given, seeds })

  expect(worldsByProfile).toEqual({ [profile]: seeds.length })
  const kinds = profileFaults[profile].filter((kind) => !ofTransactions.some((one) => one === kind))
  for (const kind of kinds) expect(faults[kind]).toBeGreaterThan(0)
})

describe('a workflow with `tx` steps', () => {
  const given = {
    handlers: {
      book: async ({ sql, attempt }: HandlerContext) => {
        await sql?.query('INSERT INTO accounts VALUES (?)', [attempt])
        return 'booked'
      },
      tell: { effect: 'tx' as const, perform: () => 'told' },
    },
  }
  const retry = { max: 50, delay: '1s', jitter: false } as const
  const transfer: Definition = {
    segno: 1,
    name: 'transfer',
    output: { told: { type: 'string', value: '${{ steps.tell.output }}' } },
    steps: [
      { id: 'debit', uses: 'book', effect: 'tx', retry },
      {
        id: 'both',
        parallel: [
          { id: 'credit', uses: 'book', effect: 'tx', retry },
          { id: 'nap', sleep: '2s' },
        ],
      },
      { id: 'tell', uses: 'tell', retry },
    ],
  }

  test('is simulated on stores that have transactions, which fail', async () => {
    const { faults, worldsByProfile } = await simulate(transfer, { ...given, seeds: 40 })

    expect(Object.keys(worldsByProfile).toSorted()).toEqual(['postgres', 'sqlite'])
    for (const kind of ofTransactions) expect(faults[kind]).toBeGreaterThan(0)
  })

  test('is simulated with mocks', async () => {
    const mocks = { debit: 'debited', credit: 'credited', tell: 'told' }
    await expect(simulate(transfer, { ...given, mocks, seeds: 5 })).resolves.toMatchObject({ seeds: 5 })
  })

  test('is refused on a store that has no transactions', async () => {
    const world = { profile: 'file' } as const
    const message = /^The step "debit" of workflow "transfer" has the effect tx/
    await expect(simulate(transfer, { ...given, world, seeds: 1 })).rejects.toThrow(message)
  })

  test('that is broken is made smaller on a store that has transactions', async () => {
    const steps = [{ id: 'tell', uses: 'which' }]
    const handlers = { which: { effect: 'tx' as const, perform: ({ attempt }: HandlerContext) => `${attempt}` } }
    const broken = simulate({ ...transfer, steps }, { handlers, seeds: 50 })
    await expect(broken).rejects.toThrow(/the smallest world that breaks this law: \{"profile":"(sqlite|postgres)"/)
  })
})

test('a broken law is told with the smallest world that breaks it, and that world breaks it again', async () => {
  const charged = { ...order, output: { by: { type: 'integer', value: '${{ steps.pay.output }}' } } } as const
  const handlers = { pay: ({ attempt }: { readonly attempt: number }) => attempt, ship: () => 'a parcel' }
  const { mocks: _none, ...rest } = given
  const broken = await simulate(charged, { ...rest, handlers }).catch((error: unknown) => error)

  expect(broken).toBeInstanceOf(LawBroken)
  const [, seed = '', world = ''] = /seeds: \[(\d+)\], world: (.*) \}\)/.exec(String(broken)) ?? []
  expect(JSON.parse(world)).toMatchObject({ runs: 1, processes: 1 })
  const again = simulate(charged, { ...rest, handlers, seeds: [Number(seed)], world: JSON.parse(world) as object })
  await expect(again).rejects.toThrow(/^a run with crashes ends as the run without/)
})
