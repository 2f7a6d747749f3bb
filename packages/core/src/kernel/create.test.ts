import type { Json } from '@segno/schema/plan'
import { expect, test } from 'vitest'
import { workflow } from '../../test/kernel/world.ts'
import { compile } from './compile.ts'
import { createRun } from './create.ts'
import type { Creation } from './create.ts'
import { changes } from './outstanding.ts'

const plan = compile(workflow([{ id: 'nap', sleep: '1h' }], { name: 'napping' }))
const limited = compile(workflow([{ id: 'nap', sleep: '1h' }], { name: 'napping', limits: { duration: '2h' } }))
const creation: Creation = {
  ...{ runId: 'run', incarnation: 'i', engine: 'e', input: { n: 1 }, labels: { team: 'a' } },
  handlers: { h: { version: '1.0.0', effect: 'once' } },
}
const created = {
  ...{ seq: 1, v: 1, at: 1000, runId: 'run', type: 'run.created', plan: plan.hash, workflow: 'napping' },
  ...{ incarnation: 'i', engine: 'e', input: { n: 1 }, labels: { team: 'a' }, handlers: creation.handlers },
}
const large: Json = 'x'.repeat(20_000)
const steps = { a: { 1: { output: 1 } } } as unknown as NonNullable<Creation['fork']>['steps']
const largeSteps = { a: { 1: { output: large } } } as unknown as typeof steps

function create(rest: Partial<Creation>, of = plan) {
  const blobs = new Map<string, Json>()
  const { decision, state } = createRun(of, { ...creation, ...rest }, { now: 1000, token: 1, seed: 1, blobs })
  return { first: decision.events[0], decision, state, blobs }
}

test.for<readonly [string, Partial<Creation>, object]>([
  ['what it is given', {}, {}],
  [
    'whose child it is',
    { parent: { runId: 'p', path: 'a/b', awaited: true } },
    { parent: { runId: 'p', path: 'a/b', awaited: true } },
  ],
  ['that its failures are held', { onFailure: 'block' }, { onFailure: 'block' }],
  ['what it does again', { fork: { runId: 'f', steps } }, { forkedFrom: { runId: 'f' }, reuse: steps }],
  [
    'where in that it begins, and who said so',
    { fork: { runId: 'f', at: 'a', by: 'ann', steps } },
    { forkedFrom: { runId: 'f', at: 'a', by: 'ann' }, reuse: steps },
  ],
])('the first event of a run says %s, and nothing else', ([, rest, expected]) => {
  expect(create(rest).first).toStrictEqual({ ...created, ...expected })
})

test('a run whose time is limited says when that is over', () => {
  expect(create({}, limited).first).toStrictEqual({ ...created, plan: limited.hash, deadline: 7_201_000 })
})

test('what follows at once is decided with it, and the state is that of all', () => {
  const { decision, state } = create({})
  expect(decision.events.map(({ seq, type }) => [seq, type])).toEqual([
    [1, 'run.created'],
    [2, 'timer.set'],
  ])
  expect(decision.blobs).toEqual([])
  expect(state).toMatchObject({ seq: 2, status: 'active', input: { n: 1 } })
})

test('a large input, and much to be reused, live beside the journal and are at hand', () => {
  const { first, decision, blobs } = create({ input: large, fork: { runId: 'f', steps: largeSteps } })
  const [inputBlob, reuseBlob] = decision.blobs.map(({ sha256, size }) => ({ sha256, size }))
  const { input: _, ...rest } = created
  expect(first).toStrictEqual({ ...rest, inputBlob, forkedFrom: { runId: 'f' }, reuseBlob })
  expect(blobs).toEqual(
    new Map<unknown, unknown>([
      [inputBlob?.sha256, large],
      [reuseBlob?.sha256, largeSteps],
    ]),
  )
})

test.for<readonly [string, Partial<Creation>, RegExp]>([
  ['input', { input: 'x'.repeat(9_000_000) }, /^The input is too large: ./],
  [
    'reuse',
    { fork: { runId: 'f', steps: { a: 'x'.repeat(9_000_000) } as never } },
    /^What is to be reused is too large: ./,
  ],
])('what is too large to be kept makes no run: %s', ([, rest, message]) => {
  const refused = { code: 'INPUT_INVALID', message: expect.stringMatching(message) as string }
  expect(() => create(rest)).toThrow(expect.objectContaining(refused))
})

test('a run that only waits gives its driver nothing to do', () => {
  expect(changes(create({}).state)).toEqual({ added: [], removed: [] })
})
