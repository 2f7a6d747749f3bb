import type { EdgeKind, Graph, GraphEdge, NodeKind } from './graph.ts'
import { findItem, indexGraph, type GraphIndex } from './graph-index.ts'
import type { ItemState } from './overlay.ts'
import { edgeLabel, linesOf, titleOf, type PictureOptions } from './picture-words.ts'
import { isFaint, statusColors } from './status-colors.ts'

/**
 * A graph as the text of a Graphviz digraph, for `dot`. An edge to a cluster ends
 * at its border, by way of a node inside.
 */
export function toDot(graph: Graph, options: PictureOptions = {}): string {
  const drawing: Drawing = { index: indexGraph(graph), options }
  const title = { label: titleOf(graph, options), labelloc: 't' }
  return [
    `digraph ${quoted(graph.name)} {`,
    `  graph [${attributes({ ...title, compound: 'true', nodesep: '0.3', ranksep: '0.5', ...font })}]`,
    `  node [${attributes({ shape: 'box', style: 'filled', fillcolor: '#ffffff', color: '#57606a', margin: '0.2,0.08', ...font })}]`,
    `  edge [${attributes({ color: '#57606a', ...font, fontsize: '10' })}]`,
    ...inside(drawing, '', graph.items).map((line) => `  ${line}`),
    '}',
    '',
  ].join('\n')
}

interface Drawing {
  readonly index: GraphIndex
  readonly options: PictureOptions
}

type Attributes = Readonly<Record<string, string>>

const font = { fontname: 'Helvetica,Arial,sans-serif', fontsize: '12' }

function inside(drawing: Drawing, cluster: string, items: readonly string[]): readonly string[] {
  const edges = drawing.index.edges.get(cluster) ?? []
  return [...items.flatMap((id) => drawn(drawing, id)), ...edges.map((edge) => edgeLine(drawing, edge))]
}

function drawn(drawing: Drawing, id: string): readonly string[] {
  const { index, options } = drawing
  const [node, cluster, status] = [index.nodes.get(id), index.clusters.get(id), options.status?.items.get(id)]
  if (node !== undefined) {
    const { style, ...shape } = shapes[node.kind]
    const label = linesOf(node, status).join('\n')
    const look = { ...(style !== undefined && { style }), ...colorsOf(status?.status, style ?? 'filled') }
    const border = node.final === true ? { peripheries: '2' } : {}
    return [`${quoted(nameOf(id))} [${attributes({ label, ...shape, ...border, ...look })}]`]
  }
  if (cluster === undefined) return []
  const label = linesOf(cluster, status).join(' · ')
  // A block is told by its border and its words: what is inside of it stands in other ways.
  const { fillcolor: _, ...colors } = colorsOf(status?.status, 'rounded')
  // All of it is written down: what is inside of a cluster takes over what is not.
  const look = { style: 'rounded', color: '#8c959f', fontcolor: '#1f2328', ...colors }
  return [
    `subgraph ${quoted(clusterName(id))} {`,
    `  graph [${attributes({ label, labeljust: 'l', ...look })}]`,
    ...inside(drawing, id, cluster.items).map((line) => `  ${line}`),
    '}',
  ]
}

function colorsOf(status: ItemState | undefined, style: string): Attributes {
  if (status === undefined || status === 'pending') return {}
  const { fill, line, text } = statusColors[status]
  const styles = [style, ...(isFaint(status) ? ['dashed'] : [])]
  return { style: styles.join(','), fillcolor: fill, color: line, fontcolor: text }
}

type Shape = Readonly<{ shape?: string; style?: string; width?: string }>

const box: Shape = {}
const round: Shape = { style: 'filled,rounded' }
const wait: Shape = { shape: 'oval' }
const other: Shape = { shape: 'component' }
const last: Shape = { shape: 'cds' }

const shapes: Readonly<Record<NodeKind, Shape>> = {
  ...{ uses: box, exec: box, run: box, agent: box, http: box, call: other, start: other, set: round, assert: round },
  ...{ sleep: wait, sleepUntil: wait, waitFor: wait, ask: wait, watch: wait, emit: { shape: 'parallelogram' } },
  ...{ return: last, fail: last, decision: { shape: 'hexagon' }, loop: { shape: 'trapezium' } },
  ...{ state: round, nothing: round, entry: { shape: 'circle' }, exit: { shape: 'doublecircle' } },
}

const edgeLooks: Readonly<Record<EdgeKind, Attributes>> = {
  ...{ sequence: {}, branch: {}, needs: {}, transition: {}, finally: {} },
  // It leads back: the order of ranks is that of the other edges.
  loop: { constraint: 'false' },
  catch: { style: 'dashed' },
  undo: { style: 'dotted', constraint: 'false' },
}

function edgeLine({ index }: Drawing, edge: GraphEdge): string {
  const { from, to, kind } = edge
  // The label of an edge that counts for no rank is put anywhere; where it leads says the same.
  const label = kind === 'loop' ? undefined : edgeLabel(edge, index)
  const tail = index.clusters.has(from) && from !== to ? { ltail: clusterName(from) } : {}
  const head = index.clusters.has(to) && from !== to ? { lhead: clusterName(to) } : {}
  const look = attributes({ ...(label !== undefined && { label }), ...edgeLooks[kind], ...tail, ...head })
  const ends = `${quoted(nameOf(nodeIn(index, from, -1)))} -> ${quoted(nameOf(nodeIn(index, to, 0)))}`
  return look === '' ? ends : `${ends} [${look}]`
}

/** A node itself, or the first or last one inside of a cluster that is not there to take another back. */
function nodeIn(index: GraphIndex, id: string, at: 0 | -1): string {
  const items = index.clusters.get(id)?.items.filter((item) => findItem(index, item)?.undoes === undefined)
  const inner = items?.at(at)
  return inner === undefined ? id : nodeIn(index, inner, at)
}

function clusterName(id: string): string {
  return `cluster_${nameOf(id)}`
}

// The key of a case may hold anything; in a name, no character has another meaning.
function nameOf(id: string): string {
  return id.replace(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}"\\&%]/gu, (character) => `%${character.codePointAt(0)?.toString(16)}`)
}

function attributes(given: Attributes): string {
  return Object.entries(given)
    .map(([name, value]) => `${name}=${quoted(value)}`)
    .join(', ')
}

// Graphviz reads `\N` and the like, and entities of HTML, within quotes too.
function quoted(text: string): string {
  const safe = text.replaceAll('&', '&amp;').replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
  return `"${safe}"`
}
