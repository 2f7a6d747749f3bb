import { crashMatrix } from '@segno/core/testing'
import { describe, expect, test } from 'vitest'
import { loadNamed } from '../load-named.ts'
import { eventsOf, play, type Played, type Scene } from '../play.ts'
import { troubled, type Troubles } from '../troubled.ts'
import { handlers, type Outside } from './handlers.ts'

const workflow = loadNamed('order', handlers())
const lines = [
  { article: 'teapots', count: 1 },
  { article: 'cups', count: 4 },
]
const input = { order: 'A17', customer: 'Ada', amount: 54, lines }

async function order(troubles: Troubles = {}, scene: Scene = {}): Promise<Played & Outside> {
  const outside: Outside = { holds: new Set(), log: [] }
  const played = await play(workflow, { ...scene, input, handlers: troubled(handlers(outside), troubles) })
  return { ...played, ...outside }
}

const reserved = ['1 teapots', '4 cups']
const released = ['no 4 cups', 'no 1 teapots']

test('an order that goes well is kept', async () => {
  const { output, holds, log } = await order()
  expect(output).toEqual({ charge: 'charge of 54', parcel: 'parcel to Ada' })
  expect([...holds]).toEqual([...reserved, 'charge of 54', 'parcel to Ada'])
  expect(log.at(-1)).toBe('closed: sent')
})

describe('an order that fails leaves nothing behind: what was done is undone, newest first', () => {
  test.for([
    // Its neighbour was reserved at the same time.
    ['stock[0]/reserve', ['4 cups', 'no 4 cups']],
    ['stock[1]/reserve', ['1 teapots', 'no 1 teapots']],
    ['pay', [...reserved, ...released]],
    ['ship', [...reserved, 'charge of 54', 'no charge of 54', ...released]],
    ['confirm', [...reserved, 'charge of 54', 'parcel to Ada', 'no parcel to Ada', 'no charge of 54', ...released]],
  ] as const)('at %s', async ([path, done]) => {
    const { failure, holds, log } = await order({ [path]: ['GONE', 'GONE'] })
    expect(failure).toMatchObject({ code: 'GONE' })
    expect(log).toEqual([...done, 'closed: GONE'])
    expect([...holds]).toEqual([])
  })

  test('after the end of its work, in a journal that says so', async () => {
    const { events } = await order({ ship: ['GONE'] })
    expect(eventsOf(events, 'branch.taken')).toMatchObject([
      { path: '', branch: 'undo' },
      { path: '', branch: 'finally' },
    ])
    const undone = eventsOf(events, 'attempt.started').flatMap(({ path }) => (path.endsWith('.undo') ? [path] : []))
    expect(undone).toEqual(['pay.undo', 'stock[1]/reserve.undo', 'stock[0]/reserve.undo'])
  })
})

describe('an order', () => {
  test('whose payment is slow twice is paid once', async () => {
    const { status, log, tookMs } = await order({ pay: ['HANG', 'GATEWAY_DOWN'] })
    expect([status, tookMs]).toEqual(['completed', 30_000 + 5000 + 10_000])
    expect(log.filter((what) => what.startsWith('charge'))).toEqual(['charge of 54'])
  })

  test('that is cancelled is undone too', async () => {
    const { status, holds, log } = await order({ ship: ['HANG'] }, { cancelAtMs: 60_000 })
    expect([status, [...holds]]).toEqual(['cancelled', []])
    expect(log.slice(2)).toEqual(['charge of 54', 'no charge of 54', ...released, 'closed: cancelled'])
  })

  test('whose payment nobody heard of is refunded all the same', async () => {
    const { failure, holds, log } = await order({ pay: ['MUTE', 'MUTE', 'MUTE'] })
    expect(failure).toMatchObject({ code: 'TIMEOUT' })
    expect(log).toEqual([...reserved, 'charge of 54', 'no charge of 54', ...released, 'closed: TIMEOUT'])
    expect([...holds]).toEqual([])
  })

  test('whose money does not go back waits for an operator, with the rest not yet undone', async () => {
    const { status, holds, tookMs } = await order({ ship: ['GONE'], 'pay.undo': Array<string>(4).fill('BANK_CLOSED') })
    expect([status, tookMs]).toEqual(['blocked', (1 + 2 + 4) * 60_000])
    expect([...holds]).toEqual([...reserved, 'charge of 54'])
  })
})

describe('a crash anywhere changes nothing', () => {
  test.for([
    ['to an order that goes well', {}],
    ['to one that fails and is undone', { confirm: ['GONE', 'GONE'], 'pay.undo': ['BANK_CLOSED'] }],
  ] as const)('%s', async ([, troubles]) => {
    const worlds: Outside[] = []
    await crashMatrix(workflow, {
      input,
      handlers: ({ turn }) => {
        const outside: Outside = { holds: new Set(), log: [] }
        worlds.push(outside)
        return troubled(handlers(outside), troubles, turn)
      },
    })
    const [reference, ...crashed] = worlds.map(({ holds }) => [...holds].toSorted())
    expect(crashed).toEqual(crashed.map(() => reference))
  })
})
