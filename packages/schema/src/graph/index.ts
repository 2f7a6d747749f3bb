/**
 * The structure of a workflow as a graph, what a run says of it, and pictures of
 * both: Mermaid, Graphviz DOT and SVG. Pure: it runs wherever JavaScript runs.
 *
 * @module
 */
export { graphOf, type GraphOptions } from './graph-of.ts'
export type {
  BlockKind,
  ClusterKind,
  EdgeKind,
  Graph,
  GraphCluster,
  GraphEdge,
  GraphItem,
  GraphNode,
  NodeKind,
} from './graph.ts'
export { runOverlay, type ItemState, type ItemStatus, type RunOverlay } from './overlay.ts'
export { toDot } from './dot.ts'
export { toMermaid } from './mermaid.ts'
export type { PictureOptions } from './picture-words.ts'
export { toSvg } from './svg/to-svg.ts'
