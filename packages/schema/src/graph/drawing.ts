import type { Definition, Step } from '../definition.ts'
import type { ClusterKind, EdgeKind, GraphCluster, GraphEdge, GraphItem, GraphNode } from './graph.ts'

/** A graph while it is made. */
export interface Drawing {
  readonly nodes: GraphNode[]
  readonly clusters: GraphCluster[]
  readonly edges: GraphEdge[]
  readonly expand: boolean
  /** The workflow that is drawn: the whole, or an imported one. */
  readonly definition: Definition
  /** What its ids begin with, and its pointers. */
  readonly prefix: string
  readonly root: string
  /** Draws steps one after the other, and one step into a list of items: blocks hold steps, and steps are blocks. */
  readonly list: (drawing: Drawing, place: Place) => DrawnList
  readonly step: (drawing: Drawing, step: Step, at: StepPlace) => string
}

/** Where a step is written down, and the items that it is one of. */
export interface StepPlace {
  readonly pointer: string
  readonly items: string[]
}

/** What became of a list of steps. */
export interface DrawnList {
  readonly items: readonly string[]
  readonly first?: string
  readonly last?: string
  /** Where its end leads. */
  readonly leads?: 'on' | 'return' | 'fail'
}

/** A list and where it is written down. */
export interface Place {
  readonly steps: readonly Step[]
  readonly pointer: string
}

export function addNode(drawing: Drawing, node: GraphNode): string {
  drawing.nodes.push(node)
  return node.id
}

export function addEdge(drawing: Drawing, edge: Omit<GraphEdge, 'kind'> & { readonly kind?: EdgeKind }): void {
  drawing.edges.push({ kind: 'sequence', ...edge })
}

export type Described = Omit<GraphItem, 'id'>

// Pushed before what is inside is drawn: parents come first.
export function addCluster(
  drawing: Drawing,
  { id, kind, ...described }: Described & { readonly id: string; readonly kind: ClusterKind },
  draw: () => readonly string[],
): string {
  const items: string[] = []
  drawing.clusters.push({ id, kind, ...described, items })
  items.push(...draw())
  return id
}

interface ListCluster extends Described {
  readonly id: string
  readonly kind: ClusterKind
  readonly place: Place
}

export function addListCluster(drawing: Drawing, { place, ...cluster }: ListCluster): string {
  return addCluster(drawing, { ...cluster, pointer: place.pointer }, () => orNothing(drawing, cluster.id, place))
}

export function orNothing(drawing: Drawing, id: string, place: Place): readonly string[] {
  const { items } = drawing.list(drawing, place)
  return items.length > 0 ? items : [addNode(drawing, { id: `${id}:nothing`, kind: 'nothing', label: 'nothing' })]
}
