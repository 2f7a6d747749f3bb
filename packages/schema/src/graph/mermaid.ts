import type { EdgeKind, Graph, NodeKind } from './graph.ts'
import { indexGraph, type GraphIndex } from './graph-index.ts'
import { edgeLabel, flowsAside, linesOf, titleOf, type PictureOptions } from './picture-words.ts'
import type { ItemState } from './overlay.ts'
import { isFaint, statusColors } from './status-colors.ts'

/**
 * A graph as the text of a Mermaid flowchart, with a subgraph for each cluster.
 * The names of its nodes are made of ids, and are good for nothing else.
 */
export function toMermaid(graph: Graph, options: PictureOptions = {}): string {
  const chart: Chart = { index: indexGraph(graph), names: namesOf(graph), options }
  return [
    'flowchart TD',
    `  accTitle: ${titleOf(graph, options).replace(unsafe, '')}`,
    ...inside(chart, '', graph.items).map((line) => `  ${line}`),
    ...classes(chart).map((line) => `  ${line}`),
    '',
  ].join('\n')
}

interface Chart {
  readonly index: GraphIndex
  readonly names: ReadonlyMap<string, string>
  readonly options: PictureOptions
}

function inside(chart: Chart, cluster: string, items: readonly string[]): readonly string[] {
  return [...items.flatMap((id) => drawn(chart, id)), ...edgesOf(chart, cluster)]
}

function drawn(chart: Chart, id: string): readonly string[] {
  const { index, names, options } = chart
  const [name, node, cluster] = [names.get(id), index.nodes.get(id), index.clusters.get(id)]
  const status = options.status?.items.get(id)
  if (node !== undefined) {
    const [open, close] = shapes[node.kind]
    return [`${name}${open}"${linesOf(node, status).map(escaped).join('<br/>')}"${close}`]
  }
  if (cluster === undefined) return []
  return [
    `subgraph ${name}["${escaped(linesOf(cluster, status).join(' · '))}"]`,
    `  direction ${flowsAside(cluster, index) ? 'LR' : 'TB'}`,
    ...inside(chart, id, cluster.items).map((line) => `  ${line}`),
    'end',
  ]
}

function edgesOf({ index, names }: Chart, cluster: string): readonly string[] {
  return (index.edges.get(cluster) ?? []).map((edge) => {
    const label = edgeLabel(edge, index)
    const words = label === undefined ? '' : `|"${escaped(label)}"|`
    return `${names.get(edge.from)} ${lines[edge.kind]}${words} ${names.get(edge.to)}`
  })
}

const lines: Readonly<Record<EdgeKind, string>> = {
  ...{ sequence: '-->', branch: '-->', needs: '-->', loop: '-->', transition: '-->' },
  ...{ catch: '-.->', undo: '-.->', finally: '-->' },
}

const box = ['[', ']'] as const
const round = ['(', ')'] as const
const pill = ['([', '])'] as const
const framed = ['[[', ']]'] as const
const flag = ['>', ']'] as const

const shapes: Readonly<Record<NodeKind, readonly [open: string, close: string]>> = {
  ...{ uses: box, exec: box, run: box, agent: box, http: box },
  ...{ call: framed, start: framed, set: round, assert: round },
  ...{ sleep: pill, sleepUntil: pill, waitFor: pill, ask: pill, watch: pill, emit: ['[/', '/]'] },
  ...{ return: flag, fail: flag, decision: ['{{', '}}'], loop: ['[/', '\\]'] },
  ...{ state: round, nothing: round, entry: ['((', '))'], exit: ['(((', ')))'] },
}

/** A name for each thing: letters, digits and `_`, and no word that Mermaid knows. */
function namesOf({ nodes, clusters }: Graph): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  const taken = new Set<string>()
  for (const { id } of [...nodes, ...clusters]) {
    const plain = `s_${id.replace(/[^A-Za-z0-9]+/g, '_').replace(/^_|_$/g, '')}`
    let name = plain
    for (let n = 2; taken.has(name.toLowerCase()); n++) name = `${plain}_${n}`
    taken.add(name.toLowerCase())
    names.set(id, name)
  }
  return names
}

// Within quotes Mermaid still looks for HTML, Markdown, formulas, icons, comments and ends of statements.
const unsafe = new RegExp(
  [
    '["#<>&`*%\\\\;]',
    String.raw`\$(?=\$)`,
    String.raw`:(?=\S)`,
    String.raw`(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])`,
    // Else the beginning of a list.
    String.raw`^[+-]|(?<=^\d+)[.)]`,
    // What Mermaid itself writes in the place of `#34;`.
    'ﬂ(?=°)|¶(?=ß)',
    String.raw`\p{Cf}`,
  ].join('|'),
  'gu',
)

const entities: Readonly<Record<string, string>> = { '<': '#lt;', '>': '#gt;', '&': '#amp;', '"': '#quot;' }

function escaped(text: string): string {
  return text.replace(unsafe, (character) => entities[character] ?? `#${character.codePointAt(0)};`)
}

// A block is told by its border alone: what is inside of it stands in other ways.
function classes({ index, names, options: { status } }: Chart): readonly string[] {
  if (status === undefined) return []
  const nameAll = (ids: Iterable<string>, word: string): string =>
    [...ids].flatMap((id) => (status.items.get(id)?.status === word ? [names.get(id)] : [])).join(',')
  return Object.entries(statusColors).flatMap(([word, { fill, line, text }]) => {
    const dashes = isFaint(word as ItemState) ? ',stroke-dasharray:4 3' : ''
    const [nodes, clusters] = [nameAll(index.nodes.keys(), word), nameAll(index.clusters.keys(), word)]
    return [
      ...(nodes === '' ? [] : [`classDef ${word} fill:${fill},stroke:${line},color:${text}${dashes}`]),
      ...(nodes === '' ? [] : [`class ${nodes} ${word}`]),
      ...(clusters === '' ? [] : [`classDef ${word}Block stroke:${line},stroke-width:2px${dashes}`]),
      ...(clusters === '' ? [] : [`class ${clusters} ${word}Block`]),
    ]
  })
}
