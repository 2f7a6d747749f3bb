import { crashMatrix } from '@segno/core/testing'
import { describe, expect, test } from 'vitest'
import { loadNamed } from '../load-named.ts'
import { eventsOf, play } from '../play.ts'

const math = loadNamed('math')

describe('a bill', () => {
  test('is summed, gets its tip and is shared to the cent', async () => {
    const { output } = await play(math, { input: { amounts: [12.5, 30, 7.4], people: 3 } })
    expect(output).toEqual({ total: 54.89, each: 18.29, left: 0.02 })
  })

  test('that nobody shares divides by zero, which is caught', async () => {
    const { output, events } = await play(math, { input: { amounts: [20], tip: 0, people: 0 } })
    expect(output).toEqual({ total: 20, each: 0, left: 20 })
    expect(eventsOf(events, 'step.failed')).toMatchObject([{ path: 'share/cents', failure: { code: 'ARITHMETIC' } }])
  })

  test('of nothing fails, and says so', async () => {
    const { failure } = await play(math, { input: { amounts: [0, 0] } })
    expect(failure).toMatchObject({ code: 'ASSERTION_FAILED', message: 'There is nothing to pay.' })
  })

  test('that is no list of numbers is refused before anything runs', async () => {
    await expect(play(math, { input: { amounts: ['12'], people: 1.5 } })).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      details: [{ path: '/amounts/0' }, { path: '/people' }],
    })
  })
})

test('a crash anywhere changes nothing', async () => {
  const { reference } = await crashMatrix(math, { input: { amounts: [1, 2], people: 0 } })
  expect(reference).toMatchObject({ status: 'completed', output: { total: 3.3 } })
})
