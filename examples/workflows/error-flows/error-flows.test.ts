import { crashMatrix } from '@segno/core/testing'
import { describe, expect, test } from 'vitest'
import { loadNamed } from '../load-named.ts'
import { eventsOf, play, workDone, type Played } from '../play.ts'
import { troubled, type Troubles } from '../troubled.ts'
import { handlers } from './handlers.ts'

const workflow = loadNamed('error-flows', handlers())
const input = { languages: ['de', 'fr'] }

async function publish(troubles: Troubles = {}): Promise<Played & { readonly said: readonly string[] }> {
  const said: string[] = []
  return { ...(await play(workflow, { input, handlers: troubled(handlers(said), troubles) })), said }
}

test('where nothing goes wrong, all is published and nothing is missing', async () => {
  const { output, events, said } = await publish()
  expect(output).toEqual({ url: '/lists/spring', prices: 'fresh', missing: [] })
  expect(workDone(events).slice(-3)).toEqual(['publish/put', 'publish/unlock', 'tell'])
  expect(said).toEqual(['published'])
})

describe('a failure that', () => {
  test('is passing is tried again', async () => {
    const { status, tookMs } = await publish({ lock: ['LOCKED', 'LOCKED'] })
    expect([status, tookMs]).toEqual(['completed', 20_000])
  })

  test('lasts ends the run after five attempts, before anything was done', async () => {
    const { failure, events, said } = await publish({ lock: Array<string>(9).fill('LOCKED') })
    expect(failure).toMatchObject({ code: 'LOCKED' })
    expect(eventsOf(events, 'attempt.started')).toHaveLength(5 + 1)
    expect([workDone(events), said]).toEqual([['tell'], ['not published: LOCKED']])
  })

  test('has another code than those to retry is not tried again', async () => {
    const { failure, tookMs } = await publish({ lock: ['NO_SUCH_LIST'] })
    expect([failure?.code, tookMs]).toEqual(['NO_SUCH_LIST', 0])
  })

  test('has a replacement is caught, after its retries', async () => {
    const { output, tookMs } = await publish({ 'publish/prices/fetch': Array<string>(3).fill('SUPPLIER_DOWN') })
    expect(output).toMatchObject({ prices: 'kept', missing: [] })
    expect(tookMs).toBe(1000 + 2000)
  })

  test('is that nobody answers is a failure like any other', async () => {
    const { output, tookMs } = await publish({ 'publish/prices/fetch': ['HANG', 'HANG', 'HANG'] })
    expect(output).toMatchObject({ prices: 'kept' })
    expect(tookMs).toBe(3 * 30_000 + 1000 + 2000)
  })

  test('nobody catches fails the run, and what was locked is unlocked', async () => {
    const { failure, events, said } = await publish({ 'publish/prices/fetch': ['FORBIDDEN'] })
    expect(failure).toMatchObject({ code: 'FORBIDDEN' })
    expect(workDone(events)).toEqual(['lock', 'publish/unlock', 'tell'])
    expect(said).toEqual(['not published: FORBIDDEN'])
  })

  test('one item of a list has leaves the others alone', async () => {
    const { output } = await publish({ 'publish/texts[1]/translate': ['NO_WORDS'] })
    expect(output).toMatchObject({ missing: ['NO_WORDS'] })
  })

  test('does not matter is passed over, and can be read', async () => {
    const { output, events } = await publish({ 'publish/cover': ['NO_INK'] })
    expect(output).toMatchObject({ missing: ['cover: NO_INK'] })
    expect(eventsOf(events, 'attempt.started').find(({ path }) => path === 'publish/put')?.input).toMatchObject({
      cover: null,
    })
  })

  test('comes while cleaning up does not hide the one before', async () => {
    const { failure } = await publish({ 'publish/put': ['NO_SPACE'], 'publish/unlock': ['NO_LOCK'] })
    expect(failure).toMatchObject({ code: 'NO_SPACE', details: { finally: { code: 'NO_LOCK' } } })
  })
})

test('a list is unlocked also when its publication is cancelled', async () => {
  const troubles = { 'publish/put': ['HANG'] }
  const { status, events } = await play(workflow, { input, handlers: troubled(handlers(), troubles), cancelAtMs: 5000 })
  expect(status).toBe('cancelled')
  expect(workDone(events).slice(-2)).toEqual(['publish/unlock', 'tell'])
})

test('a crash anywhere changes nothing', async () => {
  const troubles = { lock: ['LOCKED'], 'publish/prices/fetch': ['SUPPLIER_DOWN', 'HANG', 'HANG'] }
  const { reference } = await crashMatrix(workflow, {
    input,
    handlers: ({ turn }) => troubled(handlers(), troubles, turn),
  })
  expect(reference.output).toEqual({ url: '/lists/spring', prices: 'kept', missing: [] })
})
