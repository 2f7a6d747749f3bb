import type { Definition, Json } from '@segno/schema/plan'
import { expect, test } from 'vitest'
import { World, foldAll, told, workflow } from '../../test/kernel/world.ts'
import { compile } from './compile.ts'
import { createRun } from './create.ts'
import { decide } from './decide.ts'
import type { Circumstances, Input } from './decide.ts'
import { wantsContinue } from './outstanding.ts'
import { snapshot } from './snapshot.ts'

const big: Json = 'x'.repeat(20_000)
const goOn: Input = { type: 'continue' }
const circumstances = (blobs = new Map<string, Json>()): Circumstances => ({ now: 1000, token: 1, seed: 1, blobs })
const creation = { runId: 'run', incarnation: 'i', engine: 'e', input: {}, labels: {}, handlers: {} }

const reads = workflow(
  [
    { id: 'a', uses: 'h' },
    { id: 'b', set: { size: '${{ size(steps.a.output) }}', again: '${{ steps.a.output == steps.a.output }}' } },
  ],
  { output: { size: { value: '${{ steps.b.output.size }}' } } },
)

test('a value beside the journal is asked for once, and nothing has changed until it is there', () => {
  const world = new World(reads)
  const [attempt] = world.attempts()
  if (attempt === undefined) throw new Error('an attempt was to be under way')
  world.complete('a', big)
  expect(world.state.output).toEqual({ size: 20_000 })

  const later = foldAll(world.plan, world.journal.slice(0, 3))
  const before = JSON.stringify(snapshot(later))
  const asked = decide(world.plan, later, goOn, circumstances())
  expect(asked).toMatchObject({ events: [], blobs: [], need: [{ size: 20_002 }] })
  expect(asked.need).toHaveLength(1)
  expect(JSON.stringify(snapshot(later))).toBe(before)
  const [{ sha256 } = { sha256: '' }] = asked.need
  const answered = decide(world.plan, later, goOn, circumstances(new Map([[sha256, big]])))
  expect(told(answered.events)).toEqual(['step.completed b', 'run.completed'])
})

/** Every place where a value can live beside the journal. */
test.for<[string, Definition, Json]>([
  ['an input', workflow([{ id: 'a', uses: 'h', with: '${{ input.big }}' }]), {}],
  [
    'the items of a list, and what they give',
    workflow(
      [
        {
          id: 'l',
          forEach: { in: '[input.big, input.big]' },
          do: [{ id: 'x', set: { v: '${{ item }}' } }],
          output: '${{ steps.x.output.v }}',
        },
      ],
      {
        output: { n: { value: '${{ steps.l.output.map(v, size(v)) }}' } },
      },
    ),
    { n: [20_000, 20_000] },
  ],
  [
    'what items give with `collect`',
    workflow([{ id: 'l', forEach: { in: '[1]', collect: true }, do: [{ id: 'x', set: { v: '${{ input.big }}' } }] }], {
      output: { n: { value: '${{ steps.l.output.map(v, v.ok && size(v.output.v) == 20000) }}' } },
    }),
    { n: [true] },
  ],
  [
    'the memory of a loop',
    workflow(
      [
        {
          id: 'r',
          repeat: { max: 2, until: 'iteration == 1 && size(previous.v) > 1', initial: { v: '${{ input.big }}' } },
          do: [],
          output: { v: '${{ previous.v + "x" }}' },
        },
      ],
      { output: { n: { value: '${{ size(steps.r.output.v) }}' } } },
    ),
    { n: 20_002 },
  ],
  [
    'what `while` sees',
    workflow(
      [
        {
          id: 'r',
          repeat: { max: 2, while: 'size(previous.v) < 20001', initial: { v: '${{ input.big }}' } },
          do: [],
          output: { v: '${{ previous.v + "x" }}' },
        },
      ],
      { output: { n: { value: '${{ size(steps.r.output.v) }}' } } },
    ),
    { n: 20_001 },
  ],
  [
    'what a `return` gives',
    workflow([{ id: 'r', return: { v: '${{ input.big }}' } }], {
      output: { v: { type: 'string' } },
      finally: [{ id: 'f', sleep: '1s' }],
    }),
    { ref: { size: 20_008 } },
  ],
])('lives beside the journal and comes back: %s', ([, definition, output]) => {
  const world = new World(definition, { input: { big } })
  for (let rounds = 0; rounds < 5 && !world.isOver; rounds++) {
    for (const { path } of world.attempts()) world.complete(path)
    world.crash()
    world.wake()
  }
  expect(world.journal.at(-1)?.type).toBe('run.completed')
  expect(world.state.output).toMatchObject(output as object)
})

test('the data of a signal may live beside the journal', () => {
  const schema = { type: 'object' }
  const world = new World(
    workflow([{ id: 'w', waitFor: { signal: 's', if: 'size(data.big) > 1', schema } }], {
      output: { n: { value: '${{ size(steps.w.output.big) }}' } },
    }),
  )
  world.send('s', { big })
  expect(world.state.output).toEqual({ n: 20_000 })
  const plain = new World(workflow([{ id: 'w', waitFor: { signal: 's' } }]))
  expect(told(plain.send('s', { big })).at(-1)).toBe('run.completed')
})

test('an input that is too large is refused before there is a run', () => {
  const plan = compile(workflow([{ id: 'a', set: {} }]))
  const create = () => createRun(plan, { ...creation, input: 'x'.repeat(9_000_000) }, circumstances())
  expect(create).toThrow(expect.objectContaining({ code: 'INPUT_INVALID' }))
})

test('a parent is recorded with the run', () => {
  const plan = compile(workflow([{ id: 'a', set: {} }]))
  const parent = { runId: 'p', path: 'x' }
  expect(createRun(plan, { ...creation, parent }, circumstances()).decision.events[0]).toMatchObject({ parent })
})

test('an output that is too large fails the step, or the run', () => {
  const input = { half: 'x'.repeat(5_000_000) }
  const v = '${{ [input.half, input.half] }}'
  expect(new World(workflow([{ id: 'a', set: { v } }]), { input }).state.failure?.code).toBe('PAYLOAD_TOO_LARGE')
  const run = workflow([{ id: 'a', set: {} }], { output: { v: { value: v } } })
  expect(new World(run, { input }).state.failure?.code).toBe('PAYLOAD_TOO_LARGE')
})

test('a slice ends after 512 events, and more follows', () => {
  const plan = compile(workflow([{ id: 'r', repeat: { max: 1000 }, do: [{ id: 'a', set: {} }] }]))
  const { state, decision } = createRun(plan, creation, circumstances())
  expect(decision.events.length).toBeLessThanOrEqual(514)
  expect(wantsContinue(state)).toBe(true)
  expect(decide(plan, state, goOn, circumstances()).events).toHaveLength(512)
})

test('1,000 timers that are due at once fire in slices', () => {
  const children = Array.from({ length: 1000 }, (_, index) => ({ id: `s${index}`, sleep: '1s' }))
  const world = new World(workflow([{ id: 'p', parallel: children }]))
  while (!world.isOver) world.wake()
  expect(Math.max(...world.batches.map((batch) => batch.length))).toBeLessThanOrEqual(513)
})

test('a batch names the latest instant for which a timer fired', () => {
  const world = new World(
    workflow([
      {
        id: 'p',
        parallel: [
          { id: 'a', sleep: '1s' },
          { id: 'b', sleep: '2s' },
        ],
      },
    ]),
  )
  const start = world.now
  const { notBefore } = decide(world.plan, world.state, { type: 'tick' }, { ...circumstances(), now: start + 9000 })
  expect(notBefore).toBe(start + 2000)
})

test('an outcome that comes late, twice or for another attempt changes nothing', () => {
  const world = new World(
    workflow([
      { id: 'a', uses: 'h', retry: { max: 1, delay: '0s' } },
      { id: 'w', waitFor: { signal: 's' } },
    ]),
  )
  const outcome = { kind: 'completed' } as const
  expect(world.decide({ type: 'settled', path: 'a', attempt: 2, outcome })).toEqual([])
  world.fail('a')
  expect(world.decide({ type: 'settled', path: 'a', attempt: 1, outcome })).toEqual([])
  world.wake()
  world.complete('a')
  expect(world.decide({ type: 'settled', path: 'a', attempt: 2, outcome })).toEqual([])
  world.send('segno.cancel')
  expect(world.decide({ type: 'tick' })).toEqual([])
})

// Each of these asks for `input.big` when nothing else is left to decide, so a driver that has it not must be asked.
const size = 'size(input.big)'
const delay = `\${{ ${size} > 1 ? "1s" : "2s" }}`

test.for<[string, Definition, (world: World) => void, string]>([
  [
    'a delay',
    workflow([{ id: 'a', uses: 'h', retry: { max: 1, delay } }]),
    (world) => world.fail('a'),
    'attempt.failed a OOPS',
  ],
  [
    'the longest delay',
    workflow([{ id: 'a', uses: 'h', retry: { max: 1, maxDelay: delay } }]),
    (world) => world.fail('a'),
    'attempt.failed a OOPS',
  ],
  [
    'the delay of a block',
    workflow([{ id: 'b', do: [{ id: 'a', uses: 'h' }], retry: { max: 1, delay } }]),
    (world) => world.fail('b/a'),
    'attempt.failed b OOPS',
  ],
  [
    'a pause and an `until`',
    workflow([{ id: 'r', repeat: { max: 2, every: delay, until: `${size} == 1` }, do: [{ id: 'a', uses: 'h' }] }]),
    (world) => world.complete('r[0]/a'),
    'timer.set r',
  ],
  [
    'what an exhausted loop gives',
    workflow([
      { id: 'r', repeat: { max: 1 }, do: [{ id: 'a', uses: 'h' }], onExhausted: { output: `\${{ ${size} }}` } },
    ]),
    (world) => world.complete('r[0]/a'),
    'run.completed',
  ],
  [
    'a timeout',
    workflow([
      { id: 'a', uses: 'h' },
      { id: 'b', uses: 'h', timeout: delay },
    ]),
    (world) => world.complete('a'),
    'attempt.started b',
  ],
  [
    'the output of an item',
    workflow([{ id: 'l', forEach: { in: [1] }, do: [{ id: 'a', uses: 'h' }], output: `\${{ ${size} }}` }]),
    (world) => world.complete('l[0]/a'),
    'run.completed',
  ],
  [
    'the output of the run',
    workflow([{ id: 'a', uses: 'h' }], { output: { n: { value: `\${{ ${size} }}` } } }),
    (world) => world.complete('a'),
    'run.completed',
  ],
  [
    'the test of a signal that came before',
    workflow([{ id: 'w', waitFor: { signal: 's', if: `${size} > 1 && size(data) > 1`, schema: { type: 'string' } } }]),
    (world) => {
      world.send('segno.pause')
      world.send('s', big)
      world.crash()
      world.send('segno.resume')
    },
    'run.completed',
  ],
])('a value that is not at hand is asked for: %s', ([, definition, act, last]) => {
  const world = new World(definition, { input: { big } })
  act(world)
  expect(told(world.journal).at(-1)).toBe(last)
})

test('a long list of items starts in slices', () => {
  const items = Array.from({ length: 2000 }, (_, index) => index)
  const world = new World(
    workflow([{ id: 'l', forEach: { in: items, concurrency: 2000 }, do: [{ id: 'a', uses: 'h' }] }]),
  )
  expect(world.attempts()).toHaveLength(2000)
  expect(Math.max(...world.batches.map((batch) => batch.length))).toBeLessThanOrEqual(513)
})

test('1,000 signals that do not fit are ignored in slices', () => {
  const world = new World(
    workflow([
      { id: 'a', uses: 'h' },
      { id: 'w', waitFor: { signal: 's', schema: { type: 'string' } } },
    ]),
  )
  for (let n = 0; n < 1000; n++) world.send('s', n)
  world.complete('a')
  expect(world.state.signalCount).toBe(0)
  expect(Math.max(...world.batches.map((batch) => batch.length))).toBeLessThanOrEqual(513)
})

test('a run that cannot go on is held once, and not where it is being cancelled', () => {
  const stuck: Input = { type: 'stuck', because: { code: 'BLOB_MISSING', message: 'gone' } }
  const world = new World(workflow([{ id: 'a', uses: 'h' }]))
  expect(told(world.decide(stuck))).toEqual(['run.blocked BLOB_MISSING'])
  expect(world.decide(stuck)).toEqual([])
  const cancelled = new World(workflow([{ id: 'a', uses: 'h' }]))
  cancelled.send('segno.cancel')
  expect(cancelled.decide(stuck)).toEqual([])
})

test('an outcome that needs a value is not lost while something else is to be decided', () => {
  const children = [
    { id: 'a', uses: 'h' },
    { id: 'b', uses: 'h', retry: { max: 1, delay } },
    { id: 'c', uses: 'h', needs: ['a'] },
  ]
  const world = new World(workflow([{ id: 'p', parallel: children }]), { input: { big } })
  const ended: Input = { type: 'settled', path: 'p/a', attempt: 1, outcome: { kind: 'completed' } }
  const held = decide(world.plan, world.state, ended, { ...circumstances(), hold: true })
  expect(told(held.events)).toEqual(['step.completed p/a'])
  const failure = { code: 'OOPS', message: 'no luck', retryable: true }
  const failed: Input = { type: 'settled', path: 'p/b', attempt: 1, outcome: { kind: 'failed', failure } }
  expect(decide(world.plan, world.state, failed, circumstances())).toMatchObject({
    events: [],
    need: [{ size: 20_010 }],
  })
})

test('a value that is made beside the journal is at hand for what follows at once', () => {
  const v = '${{ input.half + input.half }}'
  const steps = [
    { id: 'a', set: { v } },
    { id: 'b', set: { n: '${{ size(steps.a.output.v) }}' } },
  ]
  const input = { half: 'x'.repeat(10_000) }
  const { decision } = createRun(compile(workflow(steps)), { ...creation, input }, circumstances())
  expect(told(decision.events)).toEqual(['run.created', 'step.completed a', 'step.completed b', 'run.completed'])
})

test('what an item gives is waited for', () => {
  const output = '${{ size(input.big) }}'
  const world = new World(
    workflow([{ id: 'l', forEach: { in: [1] }, do: [{ id: 'a', uses: 'h' }], output }], {
      output: { it: { value: '${{ steps.l.output }}' } },
    }),
    { input: { big } },
  )
  world.crash()
  world.complete('l[0]/a')
  expect(world.state.output).toEqual({ it: [20_000] })
})
