import type { Definition } from '@segno/schema/plan'
import { describe, expect, test } from 'vitest'
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
  for (const kind of profileFaults[profile]) expect(faults[kind]).toBeGreaterThan(0)
})

test('a broken law is told with the smallest world that breaks it, and that world breaks it again', async () => {
  const charged = { ...order, output: { by: { type: 'integer', value: '${{ steps.pay.output }}' } } } as const
  const handlers = { pay: ({ attempt }: { readonly attempt: number }) => attempt, ship: () => 'a parcel' }
  const { mocks: _none, ...rest } = given
  const broken = await simulate(charged, { ...rest, handlers }).catch((error: unknown) => error)

  expect(broken).toBeInstanceOf(LawBroken)
  const [, seed = '', world = ''] = /seeds: \[(\d+)\], world: (.*) \}\)/.exec(String(broken)) ?? []
  expect(JSON.parse(world)).toMatchObject({ processes: 1, profile: 'memory' })
  const again = simulate(charged, { ...rest, handlers, seeds: [Number(seed)], world: JSON.parse(world) as object })
  await expect(again).rejects.toThrow(/^a run with crashes ends as the run without/)
})
