import { defineMachine } from './machine.ts'

/**
 * The life of a run, as far as events decide it. `running`, `waiting` and
 * `blocked` of an active run are derived from its steps; `paused` and
 * `blocked` by a limit are flags that hold it.
 */
export const runMachine = defineMachine({
  initial: 'queued',
  states: {
    queued: { create: 'active' },
    active: { cancel: 'cancelling', complete: 'completed', fail: 'failed' },
    cancelling: { cancel: 'cancelling', finish: 'cancelled', complete: 'completed', fail: 'failed' },
    completed: {},
    failed: {},
    cancelled: {},
  },
})

/** The lifecycle of a run, as the list of runs shows it. */
export type RunStatus =
  'queued' | 'running' | 'waiting' | 'paused' | 'blocked' | 'cancelling' | 'completed' | 'failed' | 'cancelled'

/** The life of a step: one occurrence of it in a run, whatever its verb. */
export const stepMachine = defineMachine({
  initial: 'pending',
  states: {
    pending: {
      start: 'running',
      wait: 'waiting',
      complete: 'completed',
      fail: 'failed',
      skip: 'skipped',
      block: 'blocked',
    },
    ready: {
      start: 'running',
      wait: 'waiting',
      retry: 'retrying',
      fail: 'failed',
      block: 'blocked',
      cancel: 'cancelled',
      skip: 'skipped',
      complete: 'completed',
    },
    running: {
      start: 'running',
      complete: 'completed',
      fail: 'failed',
      retry: 'retrying',
      block: 'blocked',
      stop: 'cancelling',
      lose: 'ready',
      cancel: 'cancelled',
    },
    retrying: {
      start: 'running',
      wait: 'waiting',
      cancel: 'cancelled',
      fail: 'failed',
      block: 'blocked',
      skip: 'skipped',
      complete: 'completed',
    },
    waiting: {
      complete: 'completed',
      fail: 'failed',
      retry: 'retrying',
      block: 'blocked',
      cancel: 'cancelled',
      skip: 'skipped',
    },
    blocked: { ready: 'ready', cancel: 'cancelled', start: 'running', skip: 'skipped', complete: 'completed' },
    cancelling: {
      stop: 'cancelling',
      lose: 'ready',
      complete: 'completed',
      fail: 'failed',
      retry: 'retrying',
      block: 'blocked',
      cancel: 'cancelled',
    },
    completed: {},
    failed: {},
    skipped: {},
    cancelled: {},
  },
})

/** The status of a step in a run. */
export type StepStatus = keyof typeof stepMachine.states
