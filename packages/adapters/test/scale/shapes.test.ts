import { createEngine, type Engine } from '@segno/core'
import type { Definition } from '@segno/schema/plan'
import { expect, test } from 'vitest'
import { keepScale, rounded, sizeOf, timed, timeout } from './measure.ts'

const limits = { steps: 10_000_000 }

test('a loop over very many items at once takes time in proportion to them', { timeout }, async () => {
  const times = await growth(sizeOf(10_000, 200), (items) => {
    const each = {
      id: 'each',
      forEach: { in: '${{ input.items }}', concurrency: 1000 },
      do: [{ id: 'a', uses: 'h' }],
    }
    return { definition: { segno: 1, name: 'fan', limits, input: { items: { type: 'array' } }, steps: [each] }, items }
  })
  await keepScale('fan-out', times)
})

test('a chain of very many `needs` takes time in proportion to them', { timeout }, async () => {
  const times = await growth(sizeOf(1000, 50), (length) => {
    const parallel = Array.from({ length }, (_, index) => ({
      id: `s${index}`,
      uses: 'h',
      ...(index === 0 ? {} : { needs: [`s${index - 1}`] }),
    }))
    return { definition: { segno: 1, name: 'chain', limits, steps: [{ id: 'all', parallel }] }, items: 0 }
  })
  await keepScale('needs-chain', times)
})

test('each of very many signals at once is taken exactly once', { timeout }, async () => {
  const count = sizeOf(10_000, 100)
  const wait = { id: 'wait', waitFor: { signal: 'tick' } }
  const loop = { id: 'loop', repeat: { max: count, until: false }, do: [wait] }
  const definition: Definition = { segno: 1, name: 'signals', limits, steps: [loop] }
  await using engine = createEngine()
  const run = await engine.start(definition)
  const took = await timed(async () => {
    await Promise.all(Array.from({ length: count }, (_, index) => run.signal('tick', index, { id: `tick-${index}` })))
    await run.result()
  })
  const taken = new Set<number>()
  let completed = 0
  for await (const event of run.events()) {
    if (event.type !== 'step.completed' || !event.path.endsWith('/wait')) continue
    completed += 1
  }
  for await (const event of run.events()) {
    if (event.type === 'signal.received') taken.add(Number(event.id.slice('tick-'.length)))
  }
  await keepScale('signals', { signals: count, taken: taken.size, completed, ms: took })
  expect([taken.size, completed]).toEqual([count, count])
})

interface Shape {
  readonly definition: Definition
  readonly items: number
}

/** Milliseconds for a quarter of it, for half, and for all; and by how much all takes longer than half. */
async function growth(size: number, shapeOf: (size: number) => Shape): Promise<Record<string, number>> {
  await using engine = createEngine({ handlers: { h: () => 1 } })
  await run(engine, shapeOf(10))
  const [quarter, half, whole] = [
    await run(engine, shapeOf((size / 4) | 0)),
    await run(engine, shapeOf((size / 2) | 0)),
    await run(engine, shapeOf(size)),
  ]
  return { size, quarterMs: quarter, halfMs: half, wholeMs: whole, wholeToHalf: rounded(whole / half) }
}

async function run(engine: Engine, { definition, items }: Shape): Promise<number> {
  return timed(async () => {
    const started = await engine.start(
      definition,
      items === 0 ? {} : { items: Array.from({ length: items }, (_, index) => index) },
    )
    expect((await started.result()).status).toBe('completed')
  })
}
