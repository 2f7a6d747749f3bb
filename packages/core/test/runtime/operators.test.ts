import type { Definition, RunEvent } from '@segno/schema/plan'
import { describe, expect, test } from 'vitest'
import { settled } from '../../src/testing/virtual-clock.ts'
import { expectLawful, journalOf, oneStep, world } from './world.ts'

const pair: Definition = {
  segno: 1,
  name: 'pair',
  input: { who: { type: 'string' } },
  output: { both: { value: '${{ steps.second.output }}' } },
  steps: [
    { id: 'first', uses: 'say', with: '${{ input.who }}' },
    { id: 'second', uses: 'say', with: '${{ steps.first.output }}' },
  ],
}

function broken(): never {
  throw Object.assign(new Error('out of order'), { code: 'BROKEN', retryable: false })
}

function ofType<T extends RunEvent['type']>(
  journal: readonly RunEvent[],
  type: T,
): readonly Extract<RunEvent, { type: T }>[] {
  return journal.filter((event): event is Extract<RunEvent, { type: T }> => event.type === type)
}

describe('operators of a run', () => {
  test('skip what is blocked, with who and why in the journal', async () => {
    const here = world()
    await using engine = here.engine({ handlers: { work: broken } })
    const run = await engine.start(oneStep({ uses: 'work', onFailure: 'block' }))
    await settled()
    expect(await run.status()).toBe('blocked')

    await run.skip('work', { actor: 'Ada', reason: 'not needed' })
    expect((await here.inTime(run.result())).status).toBe('completed')
    const [acted] = ofType(await journalOf(here.storage, run.id), 'operator.acted')
    expect(acted).toMatchObject({ action: 'skip', path: 'work', actor: 'Ada', reason: 'not needed' })
    await expectLawful(here.storage, run.id)
  })

  test('give a step its output, also a large one', async () => {
    const here = world()
    const large = 'x'.repeat(20_000)
    await using engine = here.engine({ handlers: { say: broken } })
    const run = await engine.start(pair, { who: 'Ada' }, { onFailure: 'block' })
    await settled()
    await run.override('first', 'by hand')
    await settled()
    expect(await run.status()).toBe('blocked')
    await run.override('second', large)
    expect(await here.inTime(run.output())).toEqual({ both: large })
    const acted = ofType(await journalOf(here.storage, run.id), 'operator.acted')
    expect(acted.map(({ output, outputBlob }) => output ?? outputBlob?.size)).toEqual(['by hand', 20_002])
  })

  test('hold a run that would fail, and try again', async () => {
    const here = world()
    let isBroken = true
    await using engine = here.engine({ handlers: { say: (_, text) => (isBroken ? broken() : (text as string)) } })
    const run = await engine.start(pair, { who: 'Ada' }, { onFailure: 'block' })
    await settled()
    expect(await run.status()).toBe('blocked')
    isBroken = false
    await run.retry({ path: 'first' })
    expect(await here.inTime(run.output())).toEqual({ both: 'Ada' })
  })
})

describe('a fork with edits', () => {
  const calls: string[] = []
  const handlers = {
    say: (_: unknown, text: unknown) => {
      calls.push(String(text))
      return `said ${String(text)}`
    },
  }

  async function done(here: ReturnType<typeof world>) {
    const engine = here.engine({ handlers })
    const run = await engine.start(pair, { who: 'Ada' })
    await here.inTime(run.result())
    calls.length = 0
    return { engine, run }
  }

  test('does anew what stands at a step and what comes after it', async () => {
    const here = world()
    const { engine, run } = await done(here)
    const fork = await run.fork({ at: 'second', actor: 'Ada' })
    await here.inTime(fork.result())
    expect(calls).toEqual(['said Ada'])
    const [created] = await journalOf(here.storage, fork.id)
    expect(created).toMatchObject({ forkedFrom: { runId: run.id, at: 'second', by: 'Ada' } })
    await expectLawful(here.storage, fork.id)
    await engine.close()
  })

  test('takes an output that it is given in the place of the step', async () => {
    const here = world()
    const { engine, run } = await done(here)
    const large = 'y'.repeat(20_000)
    const fork = await engine.fork(run.id, { edits: { outputs: { first: large } } })
    expect(await here.inTime(fork.output())).toEqual({ both: `said ${large}` })
    expect(calls).toEqual([large])
    const wrong = engine.fork(run.id, { edits: { outputs: { nowhere: 1 } } })
    await expect(wrong).rejects.toMatchObject({ code: 'EDIT_INVALID' })
    await expect(engine.fork(run.id, { at: 'nowhere' })).rejects.toMatchObject({ code: 'EDIT_INVALID' })
    await engine.close()
  })

  test('takes other inputs, and does what depends on them', async () => {
    const here = world()
    const { engine, run } = await done(here)
    const fork = await engine.fork(run.id, { edits: { input: { who: 'Grace' } } })
    expect(await here.inTime(fork.output())).toEqual({ both: 'said said Grace' })
    await expect(engine.fork(run.id, { edits: { input: { who: 7 } } })).rejects.toMatchObject({ code: 'INPUT_INVALID' })
    await engine.close()
  })

  test('goes by a newer workflow, and does not do again what is the same there', async () => {
    const here = world()
    const { engine, run } = await done(here)
    const workflow: Definition = {
      ...pair,
      steps: [...pair.steps.slice(0, 1), { id: 'second', uses: 'say', with: 'new ${{ steps.first.output }}' }],
    }
    const fork = await engine.fork(run.id, { edits: { workflow } })
    expect(await here.inTime(fork.output())).toEqual({ both: 'said new said Ada' })
    expect(calls).toEqual(['new said Ada'])
    await engine.close()
  })

  test('may be of a run that has not ended, which goes on', async () => {
    const here = world()
    await using engine = here.engine({ handlers })
    const waiting: Definition = {
      ...pair,
      steps: [...pair.steps, { id: 'go', waitFor: { signal: 'go' }, timeout: '1d' }],
    }
    const run = await engine.start(waiting, { who: 'Ada' })
    await settled()
    calls.length = 0
    const fork = await engine.fork(run.id, { edits: { outputs: { go: null } } })
    expect((await here.inTime(fork.result())).status).toBe('completed')
    expect(calls).toEqual([])
    expect(await run.status()).toBe('waiting')
  })
})
