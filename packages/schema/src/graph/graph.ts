import type { StepKind } from '../definition.ts'

/**
 * The structure of a workflow: nodes, clusters around them, and edges between
 * what stands in one cluster. The same definition gives the same graph, in the
 * same order: that of the text.
 */
export interface Graph {
  /** Of the workflow. */
  readonly name: string
  readonly description?: string
  readonly nodes: readonly GraphNode[]
  readonly clusters: readonly GraphCluster[]
  readonly edges: readonly GraphEdge[]
  /** What stands in no cluster: ids of nodes and clusters, in order. */
  readonly items: readonly string[]
}

/** Kinds of steps that hold others. */
export type BlockKind = 'do' | 'if' | 'match' | 'parallel' | 'forEach' | 'repeat' | 'try' | 'states'

/**
 * What a node is: a step that holds no others, or a place that a block needs.
 * `entry` and `exit` are the ends of a workflow, and `entry` leads to the first
 * state of a machine; `decision` is where `if` and `match` decide, `loop` where
 * each pass of a loop begins, `state` a state that does nothing on entry, and
 * `nothing` an empty list.
 */
export type NodeKind = Exclude<StepKind, BlockKind> | 'entry' | 'exit' | 'decision' | 'loop' | 'state' | 'nothing'

/**
 * What a cluster is: a block, a `call` that was expanded, or one list of a
 * block. `branch` is a list of `if` or `match`, `body` that of `try`, and
 * `clause` one of its `catch`.
 */
export type ClusterKind = BlockKind | 'call' | 'branch' | 'body' | 'clause' | 'finally' | 'state'

/** What nodes and clusters have. All texts are for people: on one line, and cut where they are long. */
export interface GraphItem {
  /**
   * The id of a step, behind `call/` for each expanded call around it; of what
   * is no step, that of its block with a part behind a colon, such as `route:gate`.
   */
  readonly id: string
  readonly label: string
  /** What it does it with: a handler, a program, a signal, a host. */
  readonly detail?: string
  /** The expression of an `if` beside the verb. */
  readonly condition?: string
  /** JSON Pointer (RFC 6901) into the definition; none for what the definition does not write down. */
  readonly pointer?: string
  /** The id of what it takes back: it is an `undo`. */
  readonly undoes?: string
  /** Whether a state machine ends in this state. */
  readonly final?: true
}

/** A step that holds no others, or a place in a block. */
export interface GraphNode extends GraphItem {
  readonly kind: NodeKind
}

/** A block, or one list of it. */
export interface GraphCluster extends GraphItem {
  readonly kind: ClusterKind
  /** Ids of the nodes and clusters directly inside, in order. */
  readonly items: readonly string[]
}

/**
 * How one thing leads to another. `loop` leads back to where a pass begins;
 * `needs` are those of `parallel`; `undo` leads from a step to what takes it back.
 */
export type EdgeKind = 'sequence' | 'branch' | 'needs' | 'loop' | 'catch' | 'finally' | 'transition' | 'undo'

/** An edge between two nodes or clusters that stand in the same cluster, or in none. */
export interface GraphEdge {
  readonly from: string
  readonly to: string
  readonly kind: EdgeKind
  readonly label?: string
}
