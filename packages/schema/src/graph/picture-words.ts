import type { Graph, GraphCluster, GraphEdge, GraphNode } from './graph.ts'
import { findItem, type GraphIndex } from './graph-index.ts'
import type { ItemState, ItemStatus, RunOverlay } from './overlay.ts'

/** What a picture shows beside the structure. */
export interface PictureOptions {
  /** How a run stands, as `runOverlay` tells it. */
  readonly status?: RunOverlay
}

/** What a picture is of, in words. */
export function titleOf({ name }: Graph, { status }: PictureOptions): string {
  if (status === undefined) return name
  const { status: word, note } = status.run
  return note === undefined ? `${name} · ${word}` : `${name} · ${word} · ${note}`
}

/** The words of a node or a cluster, by what they tell. */
export interface ItemWords {
  readonly label: string
  /** The verb of a step; none for what is told by its shape and its label. */
  readonly verb?: string
  readonly detail?: string
  readonly condition?: string
  /** How it stands, as a sign and words: colour is never the only one to tell it. */
  readonly status?: string
}

/** Tells it all, as far as there is something to tell. */
export function wordsOf(item: GraphNode | GraphCluster, status: ItemStatus | undefined): ItemWords {
  const { label, kind, condition, detail = item.final === true ? 'final' : undefined } = item
  return {
    label,
    ...(!places.has(kind) && { verb: kind }),
    ...(detail !== undefined && { detail }),
    ...(condition !== undefined && { condition: `if ${condition}` }),
    ...(status !== undefined && status.status !== 'pending' && { status: statusText(status) }),
  }
}

/** The same, line by line. */
export function linesOf(item: GraphNode | GraphCluster, status: ItemStatus | undefined): readonly string[] {
  const { label, verb, detail, condition, status: stands } = wordsOf(item, status)
  // A verb and what it works with are one phrase; what there is to say of a block is not about its verb.
  const isPhrase = !('items' in item) || item.kind === 'call'
  const does = isPhrase ? [[verb, detail].filter(isGiven).join(' ')].filter((text) => text !== '') : [verb, detail]
  return [label, ...does, condition, stands].filter(isGiven)
}

function isGiven(text: string | undefined): text is string {
  return text !== undefined
}

const places: ReadonlySet<string> = new Set([
  ...['entry', 'exit', 'decision', 'loop', 'state', 'nothing'],
  ...['branch', 'body', 'clause', 'finally'],
])

function statusText({ status, note }: ItemStatus): string {
  const word = status === 'unreached' ? 'not reached' : status
  return `${statusSigns[status]} ${word}${note === undefined ? '' : ` · ${note}`}`
}

const statusSigns: Readonly<Record<ItemState, string>> = {
  ...{ pending: '○', running: '◐', retrying: '↻', waiting: '◷', blocked: '■', cancelling: '◑' },
  ...{ completed: '✓', failed: '✗', skipped: '↷', cancelled: '⊘', unreached: '–' },
}

/** All that a picture shows, in words, numbered by what is in what. */
export function outlineOf({ items }: Graph, index: GraphIndex, { status }: PictureOptions): string {
  const told = (ids: readonly string[], prefix: string): readonly string[] =>
    ids.flatMap((id, at) => {
      const item = findItem(index, id)
      if (item === undefined) return []
      const number = `${prefix}${at + 1}`
      const inside = 'items' in item ? told(item.items, `${number}.`) : []
      return [`${number} ${linesOf(item, status?.items.get(id)).join(', ')}.`, ...inside]
    })
  return told(items, '').join(' ')
}

/** The words at an edge; none where the cluster that it leads to says the same. */
export function edgeLabel({ kind, to, label }: GraphEdge, { clusters }: GraphIndex): string | undefined {
  if (kind === 'catch') return undefined
  return kind === 'branch' && clusters.get(to)?.label === label ? undefined : label
}

/** Whether what is inside is drawn from left to right: what `parallel` holds stands side by side, in the order of its `needs`. */
export function flowsAside({ kind, id }: GraphCluster, { edges }: GraphIndex): boolean {
  return kind === 'parallel' && (edges.get(id) ?? []).some((edge) => edge.kind === 'needs')
}
