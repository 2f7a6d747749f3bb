import type { Graph, GraphCluster, GraphEdge, GraphNode } from './graph.ts'

/** A graph, to be walked from the outside in. */
export interface GraphIndex {
  readonly nodes: ReadonlyMap<string, GraphNode>
  readonly clusters: ReadonlyMap<string, GraphCluster>
  /** The edges between what stands directly in a cluster, by its id; those in no cluster by the empty text. */
  readonly edges: ReadonlyMap<string, readonly GraphEdge[]>
}

/** Finds each thing by its id, and each edge by the cluster that holds both of its ends. */
export function indexGraph({ nodes, clusters, edges }: Graph): GraphIndex {
  const parents = new Map(clusters.flatMap(({ id, items }) => items.map((item) => [item, id] as const)))
  return {
    nodes: new Map(nodes.map((node) => [node.id, node])),
    clusters: new Map(clusters.map((cluster) => [cluster.id, cluster])),
    edges: Map.groupBy(edges, ({ from }) => parents.get(from) ?? ''),
  }
}

/** A node or a cluster by its id. */
export function findItem({ nodes, clusters }: GraphIndex, id: string): GraphNode | GraphCluster | undefined {
  return nodes.get(id) ?? clusters.get(id)
}
