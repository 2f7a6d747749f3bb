import type { Json, JsonObject } from '@segno/schema/plan'
import { isOver } from './agenda.ts'
import type { Plan } from './plan.ts'
import {
  blockFields,
  flag,
  frameFields,
  kept,
  listOf,
  misshapen,
  number,
  readFields,
  recordOf,
  runFields,
  stepFields,
  text,
  undoField,
  writeFields,
} from './snapshot-fields.ts'
import { listFrame, newFrame, passOf, pathOf } from './frame.ts'
import { addSignal, corrupt, emptyState, keyPrefixOf, newBlock, newStep } from './state.ts'
import type { BlockState, Frame, RunState, StepState } from './state.ts'
import { count, isInFlight } from './step-status.ts'
import { listUndos, undoList } from './undo.ts'
import { setLimit, setWait } from './timers.ts'

/** Changes with the shape of a snapshot; one of another number is not read, and the journal is folded instead. */
export const snapshotFormat = 3

/**
 * A state as plain JSON: the tree of open steps and lists, and by their place
 * in that tree what refers to them. What `restore` can derive (timers, counts,
 * the index of paths) is left out. The same state gives the same bytes.
 */
export function snapshot(state: RunState): Json {
  const places = new Map<Item, number>()
  const root = state.root === undefined ? {} : { root: stepRecord(state.root, places) }
  const placesOf = (items: Iterable<Item>): number[] => [...items].flatMap((item) => places.get(item) ?? [])
  const agenda = state.agenda.slice(state.agendaAt).filter((item) => !isOver(item))
  return {
    ...writeFields(runFields, state, emptyState()),
    ...root,
    ...filled('open', placesOf(state.steps.values())),
    ...filled('agenda', placesOf(agenda)),
    ...filled(
      'waiters',
      Array.from(state.waiters, ([name, steps]) => [name, placesOf(steps)]),
    ),
    ...filled(
      'signals',
      [...state.signals.values()].flat().map(({ id, name, data, seq }) => ({ id, name, data: kept.write(data), seq })),
    ),
    ...filled(
      'children',
      [...state.children.values()].map(({ step, node, input, ...child }) => ({
        ...child,
        node: node.index,
        input: kept.write(input),
        ...(step === undefined ? {} : { step: places.get(step) ?? -1 }),
      })),
    ),
  }
}

/** What the tree consists of. Places are counted from the root down, in the order of writing. */
type Item = Frame | StepState

function stepRecord(step: StepState, places: Map<Item, number>): Json {
  places.set(step, places.size)
  const fields = writeFields(stepFields, step, newStep(step.node, step.frame, step.path))
  return step.block === undefined ? fields : { ...fields, block: blockRecord(step.block, places) }
}

function blockRecord(block: BlockState, places: Map<Item, number>): Json {
  const frames = [...block.frames, ...block.iterations.values()].map((frame) => frameRecord(frame, places))
  return {
    ...writeFields(blockFields, block, newBlock()),
    ...filled('frames', frames),
    ...undoRecords(block, places),
  }
}

// What there is to take back, and the list that does so.
function undoRecords({ undos, unwind }: Pick<BlockState, 'undos' | 'unwind'>, places: Map<Item, number>): JsonObject {
  const list = undoField([]).write(undos) as readonly Json[]
  if (unwind === undefined) return filled('undos', list)
  const undoing = undoField([]).write(unwind.undoing ?? [])
  return { ...filled('undos', list), unwind: { ...(frameRecord(unwind, places) as JsonObject), undoing } }
}

function frameRecord(frame: Frame, places: Map<Item, number>): Json {
  places.set(frame, places.size)
  const { owner, list, index, pass, last, ready, readyAt } = frame
  const open = readyAt === 0 ? frame : { ...frame, ready: ready.slice(readyAt) }
  const steps = Array.from(frame.steps, (step) => (step === undefined ? null : stepRecord(step, places)))
  return {
    ...(list.role === 'do' ? {} : { list: list.role }),
    ...(index < 0 ? {} : { index }),
    ...(pass === passOf(owner) ? {} : { pass }),
    ...writeFields(frameFields, open, newFrame(owner, list, index, pass)),
    ...(last === undefined ? {} : { last: last.node.position }),
    ...filled('steps', steps),
    ...undoRecords(frame, places),
  }
}

function filled(name: string, list: readonly Json[]): JsonObject {
  return list.length === 0 ? {} : { [name]: list }
}

/**
 * The state that a snapshot was taken of. Throws `JOURNAL_CORRUPT` for what
 * `snapshot` never writes about a run of this plan: a snapshot is a cache, so
 * its reader folds the journal instead.
 */
export function restore(plan: Plan, json: Json): RunState {
  const record = recordOf(json)
  const state = emptyState()
  readFields(runFields, record, state)
  state.keyPrefix = keyPrefixOf(state.incarnation)
  if (state.planHash !== plan.hash) throw corrupt(`the snapshot is of plan ${state.planHash}, not of ${plan.hash}`)
  const tree: Tree = { state, items: [], undos: undoField(plan.nodes) }
  if (record['root'] !== undefined) {
    state.root = newStep(plan.root, undefined, '')
    restoreStep(tree, state.root, record['root'])
  }
  for (const step of stepsAt(tree, record['open'])) reopen(state, step)
  for (const place of listOf(record['agenda'])) state.agenda.push(queued(itemAt(tree, place)))
  for (const waiter of listOf(record['waiters'])) {
    const [name, steps] = listOf(waiter)
    state.waiters.set(text.read(name), new Set(stepsAt(tree, steps)))
  }
  for (const signal of listOf(record['signals'])) {
    const { id, name, data, seq } = recordOf(signal)
    addSignal(state, { id: text.read(id), name: text.read(name), data: kept.read(data), seq: number.read(seq) })
  }
  for (const child of listOf(record['children'])) restoreChild(plan, tree, recordOf(child))
  state.errandsChanged = true
  return state
}

function restoreChild(plan: Plan, tree: Tree, record: JsonObject): void {
  const { node: index, step, started } = record
  const node = plan.nodes[number.read(index)]
  if (node?.kind !== 'start') throw misshapen(record)
  const child = {
    runId: text.read(record['runId']),
    path: text.read(record['path']),
    node,
    attempt: number.read(record['attempt']),
    input: kept.read(record['input']),
    step: step === undefined ? undefined : stepAt(tree, step),
    started: flag.read(started),
  }
  tree.state.children.set(child.runId, child)
  if (!child.started) tree.state.newChildren.push(child)
}

/** The tree while it is rebuilt. */
interface Tree {
  readonly state: RunState
  /** By place. */
  readonly items: Item[]
  readonly undos: ReturnType<typeof undoField>
}

function restoreStep(tree: Tree, step: StepState, json: Json): void {
  tree.items.push(step)
  const record = recordOf(json)
  readFields(stepFields, record, step)
  step.path = pathOf(step.frame, step.node, step.visit)
  if (step.frame === undefined) setLimit(tree.state, step, step.deadline)
  if (record['block'] === undefined) return
  const block = newBlock()
  step.block = block
  readFields(blockFields, recordOf(record['block']), block)
  for (const frame of listOf(recordOf(record['block'])['frames'])) restoreFrame(tree, step, block, recordOf(frame))
  restoreUndos(tree, step, block, recordOf(record['block']))
}

function restoreUndos(tree: Tree, owner: StepState, holder: BlockState | Frame, record: JsonObject): void {
  const { undos, unwind } = record
  if (undos !== undefined) holder.undos = [...tree.undos.read(undos)]
  if (unwind === undefined) return
  const inside = recordOf(unwind)
  const records = tree.undos.read(inside['undoing'])
  const item = 'list' in holder ? holder : undefined
  const frame = newFrame(owner, undoList(owner, records), item?.index ?? -1, item?.pass)
  frame.undoing = records
  frame.undoes = item
  holder.unwind = frame
  restoreSteps(tree, frame, inside)
  if (!frame.closed) listUndos(tree.state, frame)
}

function restoreFrame(tree: Tree, owner: StepState, block: BlockState, record: JsonObject): void {
  const { list: role = 'do', index: at = -1, pass } = record
  const list = owner.node.lists.find((candidate) => candidate.role === role)
  if (list === undefined) throw misshapen(record)
  const index = number.read(at)
  const frame = newFrame(owner, list, index, pass === undefined ? undefined : number.read(pass))
  if (index < 0 || owner.node.kind === 'states') block.frames.push(frame)
  else block.iterations.set(index, frame)
  restoreSteps(tree, frame, record)
  if (!frame.closed) listFrame(tree.state, frame)
  restoreUndos(tree, owner, frame, record)
}

function restoreSteps(tree: Tree, frame: Frame, record: JsonObject): void {
  const { list } = frame
  const { last, steps } = record
  tree.items.push(frame)
  readFields(frameFields, record, frame)
  listOf(steps).forEach((step, position) => {
    const node = list.nodes[position]
    if (node === undefined) throw misshapen(step)
    if (step === null) return
    const inner = newStep(node, frame, '')
    frame.steps[position] = inner
    restoreStep(tree, inner, step)
  })
  if (last !== undefined) frame.last = frame.steps[number.read(last)]
}

// A step that has not ended is found by its path, counted and timed; its attempt is news to whoever drives the run now.
function reopen(state: RunState, step: StepState): void {
  state.steps.set(step.path, step)
  step.frame?.active.add(step)
  count(state, step, 1)
  setLimit(state, step, step.deadline)
  setWait(state, step, step.due)
  if (step.node.kind !== 'work' || !isInFlight(step)) return
  state.started.push(step)
  if (step.status === 'cancelling') state.stopped.add(step)
}

function queued(item: Item): Item {
  item.queued = true
  return item
}

function itemAt({ items }: Tree, place: Json): Item {
  const item = items[number.read(place)]
  if (item === undefined) throw misshapen(place)
  return item
}

function stepAt(tree: Tree, place: Json): StepState {
  const item = itemAt(tree, place)
  if ('list' in item) throw misshapen(place)
  return item
}

function stepsAt(tree: Tree, places: Json | undefined): StepState[] {
  return listOf(places).map((place) => stepAt(tree, place))
}
