/** What a picture shows, as a parser of its format reads it. */
export interface Picture {
  /** The words of each node, a line each, sorted. */
  readonly nodes: readonly string[]
  /** The words of each cluster, sorted. */
  readonly clusters: readonly string[]
  /** The words at each edge, sorted; the empty text for those without. */
  readonly edges: readonly string[]
}
