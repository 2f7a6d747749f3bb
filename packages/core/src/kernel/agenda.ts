import { grown } from './grown.ts'
import { stepMachine } from './life-cycle.ts'
import type { Frame, RunState, StepState } from './state.ts'

/**
 * Puts something on the agenda, once. The agenda is a hint: an entry that has
 * nothing to decide any more is harmless. Folding a journal adds entries and
 * takes none, so those that are over are swept out when they are the most.
 */
export function enqueue(state: RunState, item: Frame | StepState): void {
  if (item.queued) return
  item.queued = true
  if (state.agenda.length >= state.agendaSweepAt) sweepAgenda(state)
  state.agenda = grown(state.agenda, item)
}

function sweepAgenda(state: RunState): void {
  const open = state.agenda.slice(state.agendaAt).filter((item) => {
    item.queued = !isOver(item)
    return item.queued
  })
  state.agenda = open
  state.agendaAt = 0
  state.agendaSweepAt = 2 * open.length + 64
}

/** Whether a list or a step has ended, so that nothing can be left to decide about it. */
export function isOver(item: Frame | StepState): boolean {
  return 'list' in item ? item.closed : stepMachine.isFinal(item.status)
}

/** The first thing on the agenda that is not over. It stays there. */
export function agendaHead(state: RunState): Frame | StepState | undefined {
  for (let item = state.agenda[state.agendaAt]; item !== undefined; item = state.agenda[state.agendaAt]) {
    if (!isOver(item)) return item
    agendaTake(state, item)
  }
  return undefined
}

/** Takes off the agenda what is first on it. */
export function agendaTake(state: RunState, item: Frame | StepState): void {
  item.queued = false
  state.agendaAt++
  if (state.agendaAt === state.agenda.length) {
    state.agenda = []
    state.agendaAt = 0
  }
}

/** Puts back what could not be decided yet, at the front. */
export function agendaPutBack(state: RunState, item: Frame | StepState): void {
  if (item.queued) return
  item.queued = true
  // Mostly into the place that it was taken from, however long the agenda is.
  if (state.agendaAt > 0) state.agenda[--state.agendaAt] = item
  else state.agenda.unshift(item)
}
