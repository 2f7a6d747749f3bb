import type { Definition } from '@segno/schema/plan'
import { expect, test } from 'vitest'
import { createEngine } from '../../src/runtime/engine.ts'
import { memoryStorage } from '../../src/runtime/memory-storage.ts'
import { systemClock } from '../../src/runtime/system-clock.ts'

const trivial = (): null => null
const called = Array.from({ length: 100 }, (_, index) => ({ id: `s${index}`, uses: 'trivial' }))
const pure: Definition = {
  segno: 1,
  name: 'pure',
  limits: { steps: 100_000 },
  steps: [
    {
      id: 'loop',
      repeat: { max: 20_000, while: true },
      do: [{ id: 'step', set: { value: 1 } }],
      onExhausted: { output: null },
    },
  ],
}

// With the platform's own clock: nothing of what these do waits for anything.
test.for([
  ['runs whose handlers are done at once', { segno: 1, name: 'called', steps: called } satisfies Definition, 200],
  ['a run that never waits', pure, 1],
] as const)('a host has its turns beside %s', async ([, definition, count]) => {
  await using engine = createEngine({ handlers: { trivial } })
  let turns = 0
  let isOver = false
  const turn = (): void => {
    turns++
    if (!isOver) setImmediate(turn)
  }
  const runs = await Promise.all(Array.from({ length: count }, () => engine.start(definition)))
  setImmediate(turn)
  const results = await Promise.all(runs.map((run) => run.result()))
  isOver = true

  expect(new Set(results.map(({ status }) => status))).toEqual(new Set(['completed']))
  expect(turns).toBeGreaterThan(4)
})

test('a store that throws in a later turn ends its run here, and not the host', async () => {
  const turn = (callback: () => void): void => void setImmediate(callback)
  const memory = memoryStorage()
  let refused = ''
  const storage = {
    ...memory,
    append: (request: Parameters<typeof memory.append>[0]) => {
      if (request.runId === refused) throw new Error('it throws, and does not reject')
      return memory.append(request)
    },
  }
  const warnings: unknown[] = []
  const logger = { log: (_: string, message: string) => void warnings.push(message) }
  await using engine = createEngine({ storage, clock: { ...systemClock, turn }, handlers: { trivial }, logger })
  refused = 'bad'
  await engine.start({ segno: 1, name: 'called', steps: called }, {}, { id: 'bad' })
  const good = await engine.start({ segno: 1, name: 'called', steps: called }, {}, { id: 'good' })

  expect((await good.result()).status).toBe('completed')
  expect(warnings).toContain('the run cannot be driven by this engine')
})
