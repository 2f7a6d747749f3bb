import type { Definition } from '@segno/schema/plan'
import { describe, expect, test } from 'vitest'
import type { Snapshot, Storage } from '../../src/ports/storage.ts'
import type { HandlerContext } from '../../src/runtime/handler.ts'
import { memoryStorage } from '../../src/runtime/memory-storage.ts'
import { engineProcess } from '../../src/testing/engine-process.ts'
import type { EngineProcess } from '../../src/testing/engine-process.ts'
import { settled } from '../../src/testing/virtual-clock.ts'
import type { VirtualClock } from '../../src/testing/virtual-clock.ts'
import { collect, deaf, expectLawful, journalOf, obedient, oneStep, twoSteps, typesOf, world } from './world.ts'
import type { World } from './world.ts'

/** Leases of 30 s have run out, and whoever looks has looked. */
const leaseOverMs = 31_000

function memory(clock: VirtualClock): Storage {
  return memoryStorage({ now: () => clock.now() })
}

// An engine in a process of its own, which can be killed and paused.
function inProcess({ engine, storage, clock }: World, handlers: Record<string, unknown>) {
  const process: EngineProcess = engineProcess({ storage, clock })
  return { process, engine: engine({ storage: process.storage, clock: process.clock, handlers: handlers as never }) }
}

describe('after a crash', () => {
  test('another engine goes on with the same keys; a completed step does not run again', async () => {
    const here = world()
    const calls: string[] = []
    const note = ({ idempotencyKey, attempt }: HandlerContext): void =>
      void calls.push(`${idempotencyKey.split('/')[1]} ${attempt}`)
    const first = inProcess(here, {
      first: note,
      second: (context: HandlerContext) => (note(context), deaf()(context)),
    })
    const run = await first.engine.start(twoSteps)
    await settled()
    first.process.kill()
    await here.clock.advanceBy(leaseOverMs)
    await using second = here.engine({ handlers: { first: note, second: note } })
    expect(await second.recover()).toEqual([run.id])
    expect((await second.run(run.id).result()).status).toBe('completed')
    expect(calls).toEqual(['first 1', 'second 1', 'second 2'])
    expect(await typesOf(here.storage, run)).toContain('run.adopted')
    await expectLawful(here.storage, run.id)
  })

  test('a step that may run once blocks, says why, and can be retried', async () => {
    const here = world()
    const once = oneStep({ effect: 'once' })
    const first = inProcess(here, { work: deaf() })
    const run = await first.engine.start(once)
    await settled()
    first.process.kill()
    await here.clock.advanceBy(leaseOverMs)
    await using second = here.engine({ handlers: { work: () => 1 } })
    await second.recover()
    await settled()
    const mine = second.run(run.id)
    expect(await mine.status()).toBe('blocked')
    const blocked = (await journalOf(here.storage, run.id)).find(({ type }) => type === 'step.blocked')
    expect(blocked).toMatchObject({ path: 'work', failure: { code: 'OUTCOME_UNKNOWN' } })
    await mine.retry()
    expect((await mine.result()).status).toBe('completed')
    await expectLawful(here.storage, run.id)
  })

  test('an engine without the handler blocks the step and names it; other runs go on', async () => {
    const here = world()
    const first = here.engine({ handlers: { work: obedient(), other: obedient() } })
    const lacking = await first.start(oneStep())
    const fine = await first.start(oneStep({ uses: 'other' }))
    await first.close()
    await using second = here.engine({ handlers: { other: () => 1 } })
    await second.recover()
    expect((await second.run(fine.id).result()).status).toBe('completed')
    expect(await second.run(lacking.id).status()).toBe('blocked')
    const blocked = (await journalOf(here.storage, lacking.id)).find(({ type }) => type === 'step.blocked')
    expect(blocked).toMatchObject({
      path: 'work',
      failure: { code: 'HANDLER_MISSING', message: expect.stringContaining('"work"') as unknown },
    })
    await second.close()
    await using third = here.engine({ handlers: { work: () => 1 } })
    await third.run(lacking.id).retry()
    await third.recover()
    expect((await third.run(lacking.id).result()).status).toBe('completed')
  })

  test.for([
    ['missing', undefined, 'PLAN_MISSING'],
    ['damaged', oneStep({ title: 'another' }), 'STORAGE_INVALID'],
  ] as const)('a run whose plan is %s hurts no other', async ([, plan, code]) => {
    const here = world((clock) => {
      const inner = memory(clock)
      return {
        ...inner,
        getPlan: async (hash) => {
          const definition = await inner.getPlan(hash)
          return definition?.name === 'lost' ? plan : definition
        },
      }
    })
    const first = here.engine({ handlers: { work: obedient() } })
    const lost = await first.start({ ...oneStep(), name: 'lost' })
    const fine = await first.start(oneStep())
    await first.close()
    await using second = here.engine({ handlers: { work: () => 1 } })
    expect(await second.recover()).toEqual([fine.id])
    expect((await second.run(fine.id).result()).status).toBe('completed')
    expect(await second.run(lost.id).status()).toBe('running')
    expect(here.logged.filter((line) => line.includes(lost.id) && line.includes(code))).not.toEqual([])
  })

  test('a message that no run can take ends its driver, and no other', async () => {
    const here = world((clock) => {
      const inner = memory(clock)
      return {
        ...inner,
        inbox: async (runId, after) =>
          (await inner.inbox(runId, after)).map((message) =>
            message.sender === 'mallory' ? { ...message, name: null as never } : message,
          ),
      }
    })
    await using one = here.engine({ handlers: { work: () => 1 } })
    const waiting: Definition = { segno: 1, name: 'waiting', steps: [{ id: 'long', uses: 'work', timeout: '1h' }] }
    await using slow = here.engine({ handlers: { work: deaf() } })
    const run = await slow.start(waiting)
    await run.signal('go', null, { sender: 'mallory' })
    await settled()
    expect(here.logged.join()).toContain('cannot be driven')
    expect((await here.resultOf(one, oneStep())).status).toBe('completed')
  })

  test('two engines that recover at once share the runs', async () => {
    const here = world()
    const first = here.engine({ handlers: { work: obedient() } })
    const runs = await Promise.all(Array.from({ length: 250 }, () => first.start(oneStep())))
    await first.close()
    const performed: string[] = []
    const work = ({ runId }: HandlerContext): void => void performed.push(runId)
    await using second = here.engine({ handlers: { work } })
    await using third = here.engine({ handlers: { work } })
    const found = await Promise.all([second.recover(), third.recover()])
    await Promise.all(runs.map(({ id }) => second.run(id).result()))
    expect(found.flat().toSorted()).toEqual(runs.map(({ id }) => id).toSorted())
    expect(performed).toHaveLength(250)
  })

  test('eight times without getting further, a run of three blocks is blocked', async () => {
    const here = world()
    const definition: Definition = {
      segno: 1,
      name: 'nested',
      steps: [{ id: 'a', do: [{ id: 'b', do: [{ id: 'c', do: [{ id: 'work', uses: 'work' }] }] }] }],
    }
    let current = inProcess(here, { work: deaf() })
    const run = await current.engine.start(definition)
    for (let crash = 0; crash < 8; crash++) {
      await settled()
      expect(await here.storage.row(run.id)).toMatchObject({ status: 'running' })
      current.process.kill()
      await here.clock.advanceBy(leaseOverMs)
      current = inProcess(here, { work: deaf() })
      await current.engine.recover()
    }
    await settled()
    expect(await here.storage.row(run.id)).toMatchObject({ status: 'blocked' })
    const blocked = (await journalOf(here.storage, run.id)).at(-1)
    expect(blocked).toMatchObject({ type: 'run.blocked', because: { code: 'NO_PROGRESS' } })
    await expectLawful(here.storage, run.id)
    current.process.kill()
    await here.clock.advanceBy(leaseOverMs)
    await using last = here.engine({ handlers: { work: () => 1 } })
    await last.run(run.id).retry()
    await last.recover()
    expect((await last.run(run.id).result()).status).toBe('completed')
  })
})

describe('a lease that was lost', () => {
  test('its engine cannot write any more, and tells its handlers', async () => {
    const here = world()
    const heard: unknown[] = []
    const ends: ((value: string) => void)[] = []
    const stale = inProcess(here, {
      work: ({ signal }: HandlerContext) => {
        signal.addEventListener('abort', () => heard.push((signal.reason as { code: unknown }).code))
        return new Promise<string>((resolve) => ends.push(resolve))
      },
    })
    const definition: Definition = { ...oneStep(), output: { by: { value: '${{ steps.work.output }}' } } }
    const run = await stale.engine.start(definition)
    await settled()
    stale.process.pause()
    await here.clock.advanceBy(leaseOverMs)
    await using fresh = here.engine({ handlers: { work: () => 'fresh' } })
    await fresh.recover()
    expect(await fresh.run(run.id).output()).toEqual({ by: 'fresh' })
    const { head } = await fresh.run(run.id).row()
    ends[0]?.('stale')
    stale.process.goOn()
    await here.clock.advanceBy(20_000)
    expect(heard).toEqual(['LEASE_LOST'])
    expect(await fresh.run(run.id).row()).toMatchObject({ head })
    await expectLawful(here.storage, run.id)
    await here.inTime(stale.engine.close())
  })

  test.for(['refuses', 'does not answer'])('is noticed also where the store %s', async (how) => {
    let down = false
    const here = world((clock) => {
      const inner = memory(clock)
      return {
        ...inner,
        renew: (held) =>
          !down
            ? inner.renew(held)
            : how === 'refuses'
              ? Promise.reject(new Error('down'))
              : new Promise(() => undefined),
      }
    })
    const heard: unknown[] = []
    await using one = here.engine({ handlers: { work: obedient(heard) } })
    await one.start(oneStep())
    await settled()
    down = true
    await here.clock.advanceBy(45_000)
    expect(heard[0]).toBe('LEASE_LOST')
    down = false
  })

  test('because the machine slept is given up at once', async () => {
    const here = world()
    const heard: unknown[] = []
    let slept = 0
    const clock = {
      now: () => here.clock.now() + slept,
      monotonic: () => here.clock.monotonic(),
      schedule: here.clock.schedule,
    }
    await using one = here.engine({ clock, handlers: { work: obedient(heard) } })
    await one.start(oneStep())
    await settled()
    slept = 3_600_000
    await here.clock.advanceBy(10_001)
    expect(heard).toEqual(['LEASE_LOST'])
  })
})

describe('values beside the journal', () => {
  const big = 'x'.repeat(50_000)
  const passing: Definition = {
    segno: 1,
    name: 'passing',
    output: { size: { value: '${{ size(steps.first.output) }}' } },
    steps: [
      { id: 'first', uses: 'first' },
      { id: 'nap', sleep: '1m' },
      { id: 'second', uses: 'second', with: { text: '${{ steps.first.output }}' } },
    ],
  }

  test.for(['fails', 'is damaged', 'is missing'])(
    'one that %s changes nothing: its run waits for the store, or for an operator, and goes on',
    async (how) => {
      let bad = true
      const here = world((clock) => {
        const inner = memory(clock)
        return {
          ...inner,
          async getBlob(runId, sha256) {
            if (bad && how === 'fails') throw new Error('no disk')
            if (bad) return how === 'is missing' ? undefined : '"forged"'
            return inner.getBlob(runId, sha256)
          },
        }
      })
      const seen: number[] = []
      await using one = here.engine({
        handlers: {
          first: () => big,
          second: (_: HandlerContext, { text }: { text: string }) => void seen.push(text.length),
        },
      })
      const run = await one.start(passing)
      await here.clock.advanceBy(70_000)
      expect(seen).toEqual([])
      bad = false
      // A store that fails is asked again; a value that is lost is for an operator to bring back.
      expect(await run.status()).toBe(how === 'fails' ? 'running' : 'blocked')
      if (how !== 'fails') {
        const blocked = (await journalOf(here.storage, run.id)).find(({ type }) => type === 'run.blocked')
        expect(blocked).toMatchObject({ because: { code: 'STORAGE_INVALID' } })
        await run.retry()
      }
      expect(await here.inTime(run.output())).toEqual({ size: 50_000 })
      expect(seen).toEqual([50_000])
      await expectLawful(here.storage, run.id)
    },
  )
})

describe('the input of an attempt, kept beside the journal,', () => {
  const definition: Definition = {
    segno: 1,
    name: 'fed',
    input: { text: { type: 'string' } },
    steps: [{ id: 'work', uses: 'work', with: { text: '${{ input.text }}' } }],
  }

  function fed(answer: () => Promise<string | undefined>) {
    const faults = { on: true }
    const here = world((clock) => {
      const inner = memory(clock)
      return { ...inner, getBlob: (runId, sha256) => (faults.on ? answer() : inner.getBlob(runId, sha256)) }
    })
    const work = (_: HandlerContext, { text }: { text: string }): number => text.length
    return { here, faults, one: here.engine({ handlers: { work } }) }
  }

  test('is asked for again from a store that fails', async () => {
    const { here, faults, one } = fed(() => Promise.reject(new Error('no disk')))
    const run = await one.start(definition, { text: 'x'.repeat(50_000) })
    await here.clock.advanceBy(10_000)
    expect(await run.status()).toBe('running')
    faults.on = false
    expect((await here.inTime(run.result())).status).toBe('completed')
    await one.close()
  })

  test.for([undefined, '"forged"'])('blocks its step when it is lost or damaged: %s', async (text) => {
    const { here, faults, one } = fed(() => Promise.resolve(text))
    const run = await one.start(definition, { text: 'x'.repeat(50_000) })
    await settled()
    expect(await run.status()).toBe('blocked')
    const blocked = (await journalOf(here.storage, run.id)).find(({ type }) => type === 'step.blocked')
    expect(blocked).toMatchObject({ path: 'work', failure: { code: 'STORAGE_INVALID' } })
    faults.on = false
    await run.retry()
    expect((await run.result()).status).toBe('completed')
    await expectLawful(here.storage, run.id)
    await one.close()
  })
})

describe('a snapshot', () => {
  const loop: Definition = {
    segno: 1,
    name: 'loop',
    output: { sum: { value: '${{ steps.loop.output.sum }}' } },
    steps: [
      {
        id: 'loop',
        repeat: { max: 200, until: 'false', initial: { sum: 0 } },
        do: [{ id: 'add', uses: 'add', with: { n: '${{ previous.sum + iteration }}' } }],
        output: { sum: '${{ steps.add.output }}' },
        onExhausted: { output: { sum: '${{ previous.sum }}' } },
      },
      { id: 'last', uses: 'last' },
    ],
  } as unknown as Definition

  function counting(spoil: (snapshot: Snapshot) => Snapshot) {
    const counts = { tail: 0, all: 0 }
    const here = world((clock) => {
      const inner = memory(clock)
      const counted = async function* (
        pages: ReturnType<Storage['read']>,
        what: 'tail' | 'all',
      ): ReturnType<Storage['read']> {
        for await (const page of pages) {
          counts[what] += page.length
          yield page
        }
      }
      return {
        ...inner,
        async load(runId) {
          const loaded = await inner.load(runId)
          if (loaded?.snapshot === undefined) throw new Error('there is no snapshot')
          return { ...loaded, snapshot: spoil(loaded.snapshot), tail: counted(loaded.tail, 'tail') }
        },
        read: (runId, from) => counted(inner.read(runId, from), 'all'),
      }
    })
    return { here, counts }
  }

  const damages: readonly [what: string, spoil: (snapshot: Snapshot) => Snapshot, isUsed: boolean][] = [
    ['is used when a run is loaded', (snapshot) => snapshot, true],
    ['of another format is ignored', (snapshot) => ({ ...snapshot, format: 99 }), false],
    ['of another seq is ignored', (snapshot) => ({ ...snapshot, seq: snapshot.seq - 1 }), false],
    ['that is no state is ignored', (snapshot) => ({ ...snapshot, state: { seq: snapshot.seq, root: [3] } }), false],
    ['that is nothing is ignored', (snapshot) => ({ ...snapshot, state: null }), false],
  ]
  test.for(damages)('%s', async ([, spoil, isUsed]) => {
    const { here, counts } = counting(spoil)
    const add = (_: HandlerContext, { n }: { n: number }): number => n
    const first = inProcess(here, { add, last: deaf() })
    const run = await first.engine.start(loop)
    while (!(await journalOf(here.storage, run.id)).some((event) => 'path' in event && event.path === 'last'))
      await settled()
    first.process.kill()
    await here.clock.advanceBy(leaseOverMs)
    await using second = here.engine({ handlers: { add, last: () => 1 } })
    counts.all = 0
    await second.recover()
    await settled()
    const [tail, all] = [counts.tail, counts.all]
    expect(await second.run(run.id).output()).toEqual({ sum: 19_900 })
    const events = (await collect(second.run(run.id).events())).length
    if (isUsed) expect([tail < 400, all]).toEqual([true, 0])
    else expect(all).toBeGreaterThan(events - 10)
  })
})
