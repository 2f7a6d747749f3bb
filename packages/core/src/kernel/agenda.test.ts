import { expect, test } from 'vitest'
import { World, foldAll, workflow } from '../../test/kernel/world.ts'
import { agendaHead, agendaPutBack, agendaTake, enqueue } from './agenda.ts'
import { emptyState, newStep } from './state.ts'
import type { StepState } from './state.ts'

const world = new World(workflow([{ id: 'r', repeat: { max: 100 }, do: [{ id: 'a', uses: 'h' }] }]))

function steps(count: number): StepState[] {
  return Array.from({ length: count }, (_, index) => newStep(world.plan.root, undefined, `s${index}`))
}

test('what is on the agenda already is not put on it again', () => {
  const state = emptyState()
  const [one, two] = steps(2) as [StepState, StepState]
  for (const step of [one, two, one]) enqueue(state, step)
  expect(state.agenda).toEqual([one, two])
  agendaPutBack(state, two)
  expect(state.agenda).toEqual([one, two])
})

test('what could not be decided comes first again, and once', () => {
  const state = emptyState()
  const [one, two, three] = steps(3) as [StepState, StepState, StepState]
  for (const step of [one, two, three]) enqueue(state, step)
  agendaTake(state, one)
  agendaTake(state, two)
  agendaPutBack(state, two)
  enqueue(state, two)
  expect(state.agenda.slice(state.agendaAt)).toEqual([two, three])
  expect(agendaHead(state)).toBe(two)
})

test('an agenda that is done keeps nothing', () => {
  const state = emptyState()
  for (const step of steps(3)) enqueue(state, step)
  for (let step = agendaHead(state); step !== undefined; step = agendaHead(state)) agendaTake(state, step)
  expect([state.agenda, state.agendaAt]).toEqual([[], 0])
})

test('is swept of what is over once that can be the most', () => {
  const state = emptyState()
  const all = steps(65)
  for (const step of all.slice(0, 64)) enqueue(state, step)
  agendaTake(state, all[0] as StepState)
  for (const step of all.slice(1, 33)) step.status = 'completed'
  expect(state.agenda).toHaveLength(64)
  enqueue(state, all[64] as StepState)
  expect(state.agenda).toEqual(all.slice(33))
  expect([state.agendaAt, state.agendaSweepAt, all[1]?.queued, all[33]?.queued]).toEqual([0, 2 * 31 + 64, false, true])
})

test('folding a long journal keeps the agenda short', () => {
  for (let index = 0; index < 100; index++) world.complete(`r[${index}]/a`)
  expect(foldAll(world.plan, world.journal.slice(0, -2)).agenda.length).toBeLessThan(70)
})
