import type { GraphEdge } from '../graph.ts'
import type { GraphIndex } from '../graph-index.ts'
import type { RunOverlay } from '../overlay.ts'
import type { Block } from './block.ts'

/** A picture while it is laid out. */
export interface Arrangement {
  readonly index: GraphIndex
  readonly status: RunOverlay | undefined
  /** A node, or a cluster with all that is inside; its own box is the first, in the upper left corner. */
  readonly block: (id: string) => Block
}

/** The edges between what stands directly in a cluster. */
export function edgesIn({ index }: Arrangement, cluster: string): readonly GraphEdge[] {
  return index.edges.get(cluster) ?? []
}
