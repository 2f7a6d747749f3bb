import type { EventOf } from '@segno/schema'
import type { Progress, StepProgress } from './progress.ts'
import { add, addList, again, awaitNothing, begin, end, setStatus } from './rows.ts'

/** A state machine enters a state: the pass through the one before is over, as it is when the machine is. */
export function enterState(progress: Progress, machine: StepProgress, event: EventOf<'state.entered'>): void {
  const { at, state, index } = event
  leaveState(progress, machine, { at, status: 'completed' })
  awaitNothing(machine)
  setStatus(progress, machine, 'running')
  machine.note = state
  const path = `${machine.path}[${index}]${again(machine)}`
  const label = `${machine.label}[${index}]: ${state}`
  const pass = add(progress, { path, label, parent: machine, status: 'pending', attempt: 0, children: [] })
  begin(progress, pass, { at, attempt: 1 })
  if (event.by === 'signal' || event.by === 'after')
    pass.note = event.signal === undefined ? 'after a time' : `on ${event.signal}`
  machine.state = { name: state, pass }
  addList(progress, pass, { prefix: `${path}/`, list: `state:${state}`, of: machine.declared })
  restWhereDone(progress, machine)
}

/** The pass through the present state is over. */
export function leaveState(
  progress: Progress,
  machine: StepProgress,
  { at, status }: { readonly at: number; readonly status: 'completed' | 'failed' | 'cancelled' },
): void {
  if (machine.state !== undefined) end(progress, machine.state.pass, at, status)
  delete machine.state
}

/**
 * A machine rests once the steps of its state are over, and something may lead
 * out of it. No event tells that: whatever would go on at once is in the same batch.
 */
export function restWhereDone(progress: Progress, machine: StepProgress | undefined): void {
  if (machine?.state === undefined || machine.status !== 'running' || machine.undoing === true) return
  const { name, pass } = machine.state
  const exits = machine.declared?.exits?.get(name)
  if (exits === undefined || (exits.signals.length === 0 && !exits.isTimed)) return
  if (!pass.children.every(isOver)) return
  for (const row of [machine, pass]) {
    row.signals = exits.signals
    setStatus(progress, row, 'waiting')
  }
}

function isOver({ status, declared }: StepProgress): boolean {
  return status === 'completed' || status === 'skipped' || (status === 'failed' && declared?.tolerant === true)
}
