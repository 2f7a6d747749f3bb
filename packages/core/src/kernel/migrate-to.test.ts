import type { Step } from '@segno/schema/plan'
import { expect, test } from 'vitest'
import { workflow, World } from '../../test/kernel/world.ts'
import { compile } from './compile.ts'
import { decide } from './decide.ts'
import type { KnownPlan } from './deciding.ts'
import { valueBytesMax } from './kept.ts'

const first: Step = { id: 'first', uses: 'h' }
const second: Step = { id: 'second', uses: 'h' }
const wanted = 'wanted'

/** What a run says of an order to go on by a plan, as far as that is known. */
function answerOf({ plan, state, now }: World, known?: KnownPlan, payload: object = { plan: wanted }): unknown {
  const messages = [{ id: 'm', name: 'segno.migrate', payload: payload as never, sender: 'Ada' }]
  const plans = new Map(known === undefined ? [] : [[wanted, known]])
  return decide(plan, state, { type: 'messages', messages }, { now, token: 1, seed: 1, blobs: new Map(), plans })
    .events[0]
}

const acted = { type: 'operator.acted', id: 'm', action: 'migrate', actor: 'Ada' }
const other = { plan: compile(workflow([first, second])), handlers: {} }

test.for<readonly [string, KnownPlan | undefined, object, object]>([
  ['no plan is named', undefined, {}, { code: 'REFUSED', message: 'no plan is named' }],
  ['what is named is no hash', other, { plan: 1 }, { code: 'REFUSED', message: 'no plan is named' }],
  ['the plan is not at hand', undefined, { plan: wanted }, { code: 'REFUSED', message: 'no plan is named' }],
  [
    'the plan cannot be had',
    { refused: { code: 'PLAN_MISSING', message: 'it is not in the store' } },
    { plan: wanted },
    { code: 'PLAN_MISSING', message: 'it is not in the store' },
  ],
  [
    'the run goes by it',
    { plan: compile(workflow([first])), handlers: {} },
    { plan: wanted },
    { code: 'REFUSED', message: 'the run goes by this plan already' },
  ],
  [
    'things stand against it',
    { plan: compile(workflow([second], { name: 'other' })), handlers: {} },
    { plan: wanted },
    {
      code: 'PLAN_INCOMPATIBLE',
      message: 'the run: the run is of "test", the plan of "other"; first: the step is not there any more',
      details: [
        { code: 'WORKFLOW_CHANGED', path: '', message: 'the run is of "test", the plan of "other"' },
        { code: 'STEP_REMOVED', path: 'first', message: 'the step is not there any more' },
      ],
    },
  ],
  [
    'what it adds to the input is too large',
    {
      plan: compile(workflow([first], { input: { text: { type: 'string', default: 'x'.repeat(valueBytesMax) } } })),
      handlers: {},
    },
    { plan: wanted },
    { code: 'REFUSED', message: 'the input of the run is too large with what the plan adds to it' },
  ],
])('a run stays on its plan where %s', ([, known, payload, refused]) => {
  const world = new World(workflow([first]))
  const before = world.state.planHash
  expect(answerOf(world, known, payload)).toMatchObject({ ...acted, refused })
  expect(world.state.planHash).toBe(before)
})

test('a run that is being cancelled stays on its plan', () => {
  const world = new World(workflow([first]))
  world.send('segno.cancel')
  expect(answerOf(world, other)).toMatchObject({
    ...acted,
    refused: { code: 'REFUSED', message: 'the run is being cancelled' },
  })
})

test('a run keeps the versions of the handlers that it began with, and takes on those that the plan adds', () => {
  const began = { effect: 'once', version: '1.2.0' } as const
  const world = new World(workflow([first]), { handlers: { h: began } })
  const added = { effect: 'pure', version: '3.0.0' } as const
  const event = answerOf(world, { ...other, handlers: { h: added, i: added } }, { plan: wanted, reason: 'newer' })
  expect(event).toMatchObject({
    type: 'plan.migrated',
    to: other.plan.hash,
    handlers: { h: began, i: added },
    actor: 'Ada',
    reason: 'newer',
  })
  expect(world.state.handlers).toEqual({ h: began, i: added })
})
