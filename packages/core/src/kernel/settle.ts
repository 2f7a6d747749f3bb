import type { Deciding } from './deciding.ts'
import { emit, sliceEventsMax } from './deciding.ts'
import { endSection } from './end.ts'
import { nextOf, runsTogether } from './frame.ts'
import { agendaHead, agendaPutBack, agendaTake } from './agenda.ts'
import { blockOf, isHeld } from './state.ts'
import type { Frame, StepState } from './state.ts'
import { endItem, nextItems } from './for-each.ts'
import { endIteration, nextIteration } from './repeat.ts'
import { beginStep } from './start.ts'
import { nextState } from './states.ts'
import { settleStep } from './waiting.ts'
import { isUnwinding } from './undo.ts'

/**
 * Decides what is on the agenda until it is empty, the slice is full, or a value
 * has to be loaded first. While the run is held, nothing is decided: what
 * runs ends and is recorded, and the rest stays on the agenda.
 */
export function settleAgenda(deciding: Deciding): void {
  const { state } = deciding
  while (deciding.events.length < sliceEventsMax && !isHeld(state)) {
    const item = agendaHead(state)
    if (item === undefined) return
    agendaTake(state, item)
    const settled = 'list' in item ? advance(deciding, item) : settleOne(deciding, item)
    if (!settled) {
      agendaPutBack(state, item)
      return
    }
  }
}

// Every function below tells whether it is done with its item: false leaves it on the agenda.
function settleOne(deciding: Deciding, step: StepState): boolean {
  if (step.block === undefined) return settleStep(deciding, step)
  switch (step.node.kind) {
    case 'forEach':
      return nextItems(deciding, step)
    case 'repeat':
      return nextIteration(deciding, step)
    case 'states':
      return nextState(deciding, step)
    default:
      // A block whose branch has no list ends at once; the others end with their list.
      return blockOf(step).frames.length > 0 || endSection(deciding, step)
  }
}

function advance(deciding: Deciding, frame: Frame): boolean {
  // What is to be done again is taken back before anything else.
  if (isUnwinding(frame)) return true
  if (frame.ending !== undefined) return frame.active.size > 0 || frameOver(deciding, frame)
  if (runsTogether(frame)) return advanceParallel(deciding, frame)
  // Beside a later step, one that an operator has taken up again may run.
  if (frame.active.size > 0)
    for (const { node } of frame.active.values()) if (node.position <= frame.cursor) return true
  const node = frame.list.nodes[frame.cursor]
  if (node !== undefined) return beginStep(deciding, frame, node)
  return frameOver(deciding, frame)
}

function advanceParallel(deciding: Deciding, frame: Frame): boolean {
  const { nodes } = frame.list
  const { concurrency } = blockOf(frame.owner)
  for (const position of frame.dead) {
    const node = nodes[position]
    if (node === undefined || frame.steps[position] !== undefined) continue
    if (frame.ending !== undefined) break
    if (deciding.events.length >= sliceEventsMax) return false
    const because = { code: 'NEED_FAILED', message: 'a step that it needs has failed' }
    emit(deciding, 'step.skipped', { path: nextOf(frame, node).path, because })
  }
  while (frame.ending === undefined && frame.active.size < concurrency) {
    const node = nodes[frame.ready[frame.readyAt] ?? nodes.length]
    if (node === undefined) break
    if (deciding.events.length >= sliceEventsMax || !beginStep(deciding, frame, node)) return false
  }
  return frame.ended < nodes.length || frameOver(deciding, frame)
}

function frameOver(deciding: Deciding, frame: Frame): boolean {
  const { owner } = frame
  if (frame.undoing !== undefined) {
    return frame.undoes === undefined ? endSection(deciding, owner) : advance(deciding, frame.undoes)
  }
  if (owner.node.kind === 'states') return nextState(deciding, owner)
  if (owner.node.kind === 'forEach') return endItem(deciding, frame)
  if (owner.node.kind === 'repeat') return endIteration(deciding, frame)
  return endSection(deciding, owner)
}
