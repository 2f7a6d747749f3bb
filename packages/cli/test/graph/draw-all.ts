import { toDot, toMermaid, toSvg, type Graph, type PictureOptions } from '@segno/schema/graph'
import { expect } from 'vitest'
import { expectTidy } from './expect-tidy.ts'
import type { Picture } from './picture.ts'
import { readDot } from './read-dot.ts'
import { readMermaid, type MermaidPicture } from './read-mermaid.ts'
import { readSvg, type SvgPicture } from './read-svg.ts'

/** A graph in each format, as its parser reads it. */
export interface Drawn {
  readonly mermaid: MermaidPicture
  readonly dot: Picture
  readonly svg: SvgPicture
}

/** Draws a graph in each format, and expects that all parse and show the same: every node, cluster and edge, with the same words. */
export async function drawAll(graph: Graph, options: PictureOptions = {}): Promise<Drawn> {
  const mermaid = await readMermaid(toMermaid(graph, options))
  const [dot, svg] = [readDot(toDot(graph, options)), readSvg(toSvg(graph, options))]
  for (const picture of [mermaid, dot, svg]) {
    expect(picture.nodes).toHaveLength(graph.nodes.length)
    expect(picture.clusters).toHaveLength(graph.clusters.length)
    expect(picture.edges).toHaveLength(graph.edges.length)
    expect(picture.nodes).toEqual(svg.nodes)
    expect(picture.clusters).toEqual(svg.clusters)
  }
  expectTidy(graph, svg)
  return { mermaid, dot, svg }
}
