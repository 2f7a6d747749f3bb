import { expect } from 'vitest'
import type { Exhibit } from './exhibit.ts'
import { timesOf, workflow } from './museum-world.ts'

/** Steps at work, in blocks and beside each other. */
export const working: readonly Exhibit[] = [
  {
    // mastra-ai/mastra #9288: branches that had completed were waiting again once a sibling was resumed.
    // Guards: a step ends once; a snapshot that is restored is the fold it was taken of (I10).
    name: 'a branch that completed stays so while its siblings are resumed (mastra #9288)',
    async show(world) {
      const did: string[] = []
      const handlers = { note: ({ path }: { readonly path: string }) => void did.push(path) }
      const branch = (name: string) => ({
        id: name,
        do: [
          { id: 'wait', waitFor: { signal: name } },
          { id: 'note', uses: 'note' },
        ],
      })
      const names = ['one', 'two', 'three']
      const branches = names.map((name) => ({
        ...branch(name),
        do: branch(name).do.map((step) => ({ ...step, id: `${name}_${step.id}` })),
      }))
      let process = await world.process(handlers)
      let run = await process.engine.start(workflow([{ id: 'all', parallel: branches }]))
      await world.untilWaiting(run, 3)
      for (const [index, name] of names.entries()) {
        await run.signal(name)
        await world.until(run, (events) => timesOf(events, 'step.completed')[`all/${name}`] === 1)
        if (index === 2) break
        process.kill()
        process = await world.worker(handlers)
        run = process.engine.run(run.id)
      }
      expect((await run.result()).status).toBe('completed')
      expect(did.toSorted()).toEqual(['all/one/one_note', 'all/three/three_note', 'all/two/two_note'])
    },
  },
  {
    // mastra-ai/mastra #24581: a loop over a list lost its concurrency when it was resumed, and the items that queued.
    // Guards: what a loop was opened with is in its event, and not computed again.
    name: 'a loop over a list goes on after a restart with its concurrency and all its items (mastra #24581)',
    async show(world) {
      const loop = {
        id: 'each',
        forEach: { in: ['a', 'b', 'c', 'd'], as: 'item', concurrency: 2 },
        do: [{ id: 'wait', waitFor: { signal: 'go-${{ item }}' } }],
      }
      const first = await world.process()
      const run = await first.engine.start(workflow([loop]))
      await world.untilWaiting(run, 2)
      first.kill()
      const again = await world.takenUp(run)
      await again.signal('go-a')
      await world.untilWaiting(run, 3)
      const before = await world.journal(run)
      expect(timesOf(before, 'step.started')['each[3]/wait']).toBeUndefined()
      for (const name of ['go-b', 'go-c', 'go-d']) await again.signal(name)
      expect((await again.result()).status).toBe('completed')
      expect(timesOf(await world.journal(run), 'iteration.completed')).toEqual({ each: 4 })
    },
  },
  {
    // inngest/inngest #4897: steps that run beside each other were planned again whenever one of them ended, and ran twice.
    // Guards: at most one attempt of a step is under way (I2), and `attempt.started` is written before the effect.
    name: 'steps of chains that race each other run once each (inngest #4897)',
    async show(world) {
      const did: string[] = []
      let release = (): void => undefined
      const slow = new Promise<void>((resolve) => {
        release = resolve
      })
      const engine = await world.engine({
        quick: ({ path }) => void did.push(path),
        slow: async ({ path }) => {
          did.push(path)
          await slow
        },
        last: ({ path }) => {
          did.push(path)
          release()
        },
      })
      const chain = {
        id: 'chain',
        do: [
          { id: 'a', uses: 'quick' },
          { id: 'b', uses: 'last' },
        ],
      }
      const run = await engine.start(workflow([{ id: 'both', parallel: [chain, { id: 'c', uses: 'slow' }] }]))
      expect((await run.result()).status).toBe('completed')
      expect(did.toSorted()).toEqual(['both/c', 'both/chain/a', 'both/chain/b'])
    },
  },
  {
    // taskforcesh/bullmq #3319: a parent that has children was never tried again, whatever its attempts said.
    // Guards: `failBody` asks for the `retry` of a block before anything else.
    name: 'a block that has steps of its own is tried again as a whole (bullmq #3319)',
    async show(world) {
      let tries = 0
      const engine = await world.engine({
        fine: () => 1,
        shaky: () => {
          tries += 1
          if (tries < 3) throw new Error('not yet')
        },
      })
      const steps = [
        { id: 'fine', uses: 'fine' },
        { id: 'shaky', uses: 'shaky' },
      ]
      const block = { id: 'block', do: steps, retry: { max: 3, delay: '1ms', jitter: false } }
      const run = await engine.start(workflow([block]))
      expect((await run.result()).status).toBe('completed')
      const paths = Object.keys(timesOf(await world.journal(run), 'step.completed')).toSorted()
      expect(paths).toEqual(['block', 'block/fine', 'block~2/fine', 'block~3/fine', 'block~3/shaky'])
    },
  },
  {
    // nestjs/bull #2671: one of several children failed its parent, and the others went on all the same.
    // Guards: `stopBlock` cancels what runs, and what waits for it never begins.
    name: 'what runs beside a step that fails is stopped, and what waits never begins (nestjs/bull #2671)',
    async show(world) {
      const did: string[] = []
      let begun = (): void => undefined
      const both = new Promise<void>((resolve) => {
        begun = resolve
      })
      const engine = await world.engine({
        fails: async () => {
          await both
          throw new Error('no')
        },
        long: ({ signal }) =>
          new Promise((_, reject) => {
            begun()
            signal.addEventListener('abort', () => {
              did.push('told to stop')
              reject(new Error('stopped'))
            })
          }),
        never: () => void did.push('never'),
      })
      const children = [
        { id: 'a', uses: 'fails' },
        { id: 'b', uses: 'long' },
        { id: 'c', uses: 'never', needs: ['b'] },
      ]
      const run = await engine.start(workflow([{ id: 'all', parallel: children }]))
      expect((await run.result()).status).toBe('failed')
      expect(did).toEqual(['told to stop'])
      expect(timesOf(await world.journal(run), 'attempt.started')).toEqual({ 'all/a': 1, 'all/b': 1 })
    },
  },
  {
    // kubeflow/pipelines #4170, and the payload limits of AWS Step Functions: a value beyond some hundred KiB failed a run late, or for ever.
    // Guards: large values live beside the journal; what is beyond the limit fails its attempt at once, and is not tried again.
    name: 'a large value is handed on whole, and one that is too large fails once (kubeflow #4170, Step Functions)',
    async show(world) {
      let tooLarge = 0
      const engine = await world.engine({
        large: () => 'ä'.repeat(1_000_000),
        length: (_, text) => (text as string).length,
        tooLarge: () => {
          tooLarge += 1
          return 'x'.repeat(9 * 1024 * 1024)
        },
      })
      const steps = [
        { id: 'large', uses: 'large' },
        { id: 'length', uses: 'length', with: '${{ steps.large.output }}' },
      ]
      const output = { length: { type: 'integer' as const, value: '${{ steps.length.output }}' } }
      const run = await engine.start(workflow(steps, { output }))
      expect(await run.output()).toEqual({ length: 1_000_000 })
      const retry = { max: 5, delay: '1ms' }
      const result = await (await engine.start(workflow([{ id: 'tooLarge', uses: 'tooLarge', retry }]))).result()
      expect(result).toMatchObject({ status: 'failed', failure: { code: 'PAYLOAD_TOO_LARGE' } })
      expect(tooLarge).toBe(1)
    },
  },
]
