import type { Definition } from '@segno/schema/plan'
import { describe, expect, test } from 'vitest'
import { settled } from '../../src/testing/virtual-clock.ts'
import { world } from './world.ts'

const receiver: Definition = {
  segno: 1,
  name: 'receiver',
  output: { got: { type: 'integer', value: '${{ steps.ping.output }}' } },
  steps: [{ id: 'ping', waitFor: { signal: 'ping' }, timeout: '1d' }],
}

const sender: Definition = {
  segno: 1,
  name: 'sender',
  input: { to: { type: 'string' } },
  steps: [{ id: 'send', emit: { signal: 'ping', data: 42, to: '${{ input.to }}' } }],
}

describe('a signal from one run to another', () => {
  test('arrives once, also where the store answers late or not at all', async () => {
    const here = world()
    let faults = 2
    const storage = {
      ...here.storage,
      deliver: async (...given: Parameters<typeof here.storage.deliver>) => {
        const answer = await here.storage.deliver(...given)
        if (faults-- > 0) throw new Error('the answer is lost')
        return answer
      },
    }
    await using engine = here.engine({ storage })
    const run = await engine.start(receiver)
    const result = await here.resultOf(engine, sender, { to: run.id })

    expect(result.status).toBe('completed')
    expect(await here.inTime(run.output())).toEqual({ got: 42 })
  })

  test('that nobody can take fails its step', async () => {
    const here = world()
    await using engine = here.engine()
    expect(await here.failureOf(engine, sender, { to: 'nobody' })).toMatchObject({ code: 'SIGNAL_UNDELIVERED' })
    const ended = await engine.start({ segno: 1, name: 'short', steps: [{ id: 'a', set: {} }] })
    await here.inTime(ended.result())
    expect(await here.failureOf(engine, sender, { to: ended.id })).toMatchObject({ code: 'SIGNAL_UNDELIVERED' })
    // A command is no signal.
    const definition: Definition = { ...sender, steps: [{ id: 'send', emit: { signal: 'segno.cancel', to: 'x' } }] }
    expect(await here.failureOf(engine, definition, { to: 'x' })).toMatchObject({ code: 'TYPE_MISMATCH' })
  })
})

describe('a watch', () => {
  const watching: Definition = {
    segno: 1,
    name: 'watching',
    output: { files: { type: 'array', value: '${{ steps.inbox.output.files }}' } },
    steps: [{ id: 'inbox', watch: { glob: 'in/*.json', minCount: 2, every: '10s' }, timeout: '5m' }],
  }

  test('looks until there are enough files, and takes no place from other work', async () => {
    const here = world()
    const found: string[] = []
    const looks: number[] = []
    const files = {
      kind: async () => 'missing' as const,
      glob: async () => {
        looks.push(here.clock.now())
        return [...found]
      },
    }
    await using engine = here.engine({ files, handlers: { work: () => 1 }, limits: { attempts: 1 } })
    const run = await engine.start(watching)
    await settled()
    found.push('in/b.json')
    const other = await here.resultOf(engine, { segno: 1, name: 'other', steps: [{ id: 'a', uses: 'work' }] })
    expect(other.status).toBe('completed')
    await here.clock.advanceBy(10_000)
    found.push('in/a.json')
    expect(await here.inTime(run.output())).toEqual({ files: ['in/a.json', 'in/b.json'] })
    expect(looks).toHaveLength(3)
  })

  test('ends with its time limit, and looks no more', async () => {
    const here = world()
    let looks = 0
    const files = {
      kind: async () => 'missing' as const,
      glob: async () => {
        looks++
        return []
      },
    }
    await using engine = here.engine({ files })
    expect(await here.failureOf(engine, watching)).toMatchObject({ code: 'TIMEOUT' })
    const before = looks
    await here.clock.advanceBy(60_000)
    expect(looks).toBe(before)
  })

  test('is refused by an engine without files', async () => {
    const here = world()
    await using engine = here.engine()
    await expect(engine.start(watching)).rejects.toMatchObject({ code: 'DEFINITION_INVALID' })
  })
})
