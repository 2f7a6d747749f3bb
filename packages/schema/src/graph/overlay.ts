import type { Definition } from '../definition.ts'
import type { RunEvent } from '../event.ts'
import type { GraphCluster, GraphNode } from './graph.ts'
import { graphOf } from './graph-of.ts'
import { toldRun, type Occurrence, type ToldRun, type ToldStep } from './told-run.ts'

/**
 * How a step stands, by its latest occurrence. `unreached`: the run went, or has
 * ended, another way.
 */
export type ItemState =
  | 'pending'
  | 'running'
  | 'retrying'
  | 'waiting'
  | 'blocked'
  | 'cancelling'
  | 'completed'
  | 'failed'
  | 'skipped'
  | 'cancelled'
  | 'unreached'

/** What a run says of a node or a cluster. */
export interface ItemStatus {
  readonly status: ItemState
  /** More of it, for people: passes such as `3/10`, the attempt, a failure code, the current state. */
  readonly note?: string
}

/** What a run says of the graph of its definition. */
export interface RunOverlay {
  readonly run: {
    readonly status: 'queued' | 'running' | 'paused' | 'blocked' | 'cancelling' | 'completed' | 'failed' | 'cancelled'
    /** Why it failed, was cancelled or is blocked. */
    readonly note?: string
  }
  /** By the id of a node or a cluster; also of those that are seen only when a `call` is expanded. */
  readonly items: ReadonlyMap<string, ItemStatus>
}

/**
 * What a run, as far as its events go, says of the graph of its definition. Of a
 * step in a loop, what still goes on comes before what has ended, and then the
 * latest; how often it came up, and failed, is in its note.
 */
export function runOverlay(definition: Definition, events: Iterable<RunEvent>): RunOverlay {
  const graph = graphOf(definition, { expand: true })
  const told = toldRun(graph, events)
  const items = new Map([...graph.nodes, ...graph.clusters].map((item) => [item.id, item]))
  const found = new Map<string, ItemStatus>()
  const open = !isOver(told)
  settle({ items, told, found }, graph.items, { id: '', told: told.steps.get(''), open, repeats: false, gone: false })
  return { run: { status: told.status, ...(told.note !== undefined && { note: told.note }) }, items: found }
}

interface Overlay {
  readonly items: ReadonlyMap<string, GraphNode | GraphCluster>
  readonly told: ToldRun
  readonly found: Map<string, ItemStatus>
}

/** The block around some items. */
interface Around {
  readonly id: string
  readonly told: ToldStep | undefined
  /** Whether what has not come up still may. */
  readonly open: boolean
  /** Whether another pass may go another way than those before. */
  readonly repeats: boolean
  /** Whether the run never came to it, and will not. */
  readonly gone: boolean
}

const unreached: ItemStatus = { status: 'unreached' }

function isOver({ status }: ToldRun): boolean {
  return status === 'completed' || status === 'failed' || status === 'cancelled'
}

function settle(overlay: Overlay, ids: readonly string[], around: Around): void {
  for (const id of ids) {
    const item = overlay.items.get(id)
    if (item !== undefined) settleItem(overlay, item, around)
  }
}

function settleItem(overlay: Overlay, item: GraphNode | GraphCluster, around: Around): void {
  switch (item.kind) {
    case 'state':
      return settleState(overlay, item, around)
    case 'branch':
    case 'body':
    case 'clause':
    case 'finally':
      return settleList(overlay, item, around)
    case 'exit':
      if (isOver(overlay.told) && overlay.told.status !== 'completed') overlay.found.set(item.id, unreached)
      return
    case 'entry':
    case 'decision':
    case 'loop':
    case 'nothing':
      if (around.gone) overlay.found.set(item.id, unreached)
      return
    default:
      return settleStep(overlay, item, around)
  }
}

function settleStep(overlay: Overlay, item: GraphNode | GraphCluster, around: Around): void {
  const told = overlay.told.steps.get(item.id)
  const shown = (told && statusOf(told)) ?? { status: around.open ? ('pending' as const) : ('unreached' as const) }
  overlay.found.set(item.id, shown)
  if (!('items' in item)) return
  const goesOn = around.open && isLive(shown.status)
  const repeats = around.repeats || (goesOn && loops.has(item.kind))
  const open = goesOn || (around.open && repeats)
  settle(overlay, item.items, { id: item.id, told, open, repeats, gone: shown.status === 'unreached' })
}

const loops: ReadonlySet<string> = new Set(['forEach', 'repeat', 'states'])

function settleList(overlay: Overlay, list: GraphNode | GraphCluster, around: Around): void {
  if (!('items' in list)) return
  const { told, id } = around
  // The body of a `try` begins with it; the others are told of when they are taken.
  const taken = told?.branches.has(list.kind === 'finally' ? 'finally' : list.id.slice(id.length + 1)) === true
  const isBegun = taken || (list.kind === 'body' && !around.gone)
  const isDecided = list.kind === 'branch' && told !== undefined && told.branches.size > 0 && !around.repeats
  const gone = !isBegun && (isDecided || !around.open)
  if (gone) overlay.found.set(list.id, unreached)
  settle(overlay, list.items, { ...around, open: around.open && !gone, gone })
}

function settleState(overlay: Overlay, state: GraphNode | GraphCluster, around: Around): void {
  const { told, id } = around
  const name = state.id.slice(`${id}:state:`.length)
  const visits = told?.visits.get(name) ?? 0
  const gone = visits === 0 && !around.open
  const block = told && statusOf(told)?.status
  if (gone) overlay.found.set(state.id, unreached)
  else if (visits > 0) {
    const isCurrent = told?.state === name && block !== undefined
    const times = visits === 1 ? [] : [`${visits}×`]
    const note = [...(isCurrent && isLive(block) ? ['current'] : []), ...times].join(' · ')
    overlay.found.set(state.id, { status: isCurrent ? block : 'completed', ...(note !== '' && { note }) })
  } else overlay.found.set(state.id, { status: 'pending' })
  if ('items' in state) settle(overlay, state.items, { ...around, open: around.open && !gone, gone })
}

function isLive(status: ItemState): boolean {
  return !(
    status === 'completed' ||
    status === 'failed' ||
    status === 'skipped' ||
    status === 'cancelled' ||
    status === 'unreached'
  )
}

/** The latest occurrence, or the latest of those that go on; `undefined` where only the insides of a step were told of. */
function statusOf({ occurrences, state }: ToldStep): ItemStatus | undefined {
  const all = [...occurrences.values()]
  const latest = all.findLast(({ status }) => isLive(status)) ?? all.at(-1)
  if (latest === undefined) return undefined
  const isOne = all.length === 1
  const notes = [
    ...passesOf(latest),
    ...(state !== undefined && isLive(latest.status) ? [`in ${state}`] : []),
    ...(isOne ? [] : countsOf(all, latest)),
    ...(isOne && latest.attempt > 1 ? [`attempt ${latest.attempt}`] : []),
    ...(latest.note === undefined ? [] : [latest.note]),
  ]
  return { status: latest.status, ...(notes.length > 0 && { note: notes.join(' · ') }) }
}

function countsOf(all: readonly Occurrence[], latest: Occurrence): readonly string[] {
  const failed = all.filter(({ status }) => status === 'failed').length
  if (latest.status === 'failed') return [`${failed} of ${all.length}`]
  return [`${all.length}×`, ...(failed > 0 ? [`${failed} failed`] : [])]
}

function passesOf({ passes }: Occurrence): readonly string[] {
  if (passes === undefined) return []
  const { ended, failed, of } = passes
  return [`${ended}/${of}`, ...(failed > 0 ? [`${failed} failed`] : [])]
}
