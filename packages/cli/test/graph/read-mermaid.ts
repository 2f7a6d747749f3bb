import DOMPurify from 'dompurify'
import mermaid from 'mermaid'
import type { Picture } from './picture.ts'

// Mermaid cleans each text for the page that it is drawn on. Here is no page, and the question is what it reads.
Object.assign(DOMPurify, { sanitize: (text: string) => text, addHook: () => undefined })
mermaid.initialize({ startOnLoad: false })

/** A flowchart as Mermaid's own parser reads it. */
export interface MermaidPicture extends Picture {
  readonly title: string
  /** By the name of a node or a subgraph: those that it is given. */
  readonly classes: ReadonlyMap<string, readonly string[]>
}

/** What the parser keeps of a flowchart. */
interface Flow {
  getAccTitle(): string
  getVertices(): ReadonlyMap<
    string,
    { readonly id: string; readonly text: string; readonly classes: readonly string[] }
  >
  getEdges(): readonly { readonly text: string }[]
  getSubGraphs(): readonly { readonly id: string; readonly title: string; readonly classes: readonly string[] }[]
}

/** Parses a flowchart. Throws where Mermaid would draw a sign of an error. */
export async function readMermaid(text: string): Promise<MermaidPicture> {
  const { db } = await mermaid.mermaidAPI.getDiagramFromText(text)
  const flow = db as unknown as Flow
  const subgraphs = flow.getSubGraphs()
  // An edge to a subgraph makes a node of that name, which is not drawn.
  const names = new Set(subgraphs.map(({ id }) => id))
  const vertices = [...flow.getVertices().values()].filter(({ id }) => !names.has(id))
  return {
    title: flow.getAccTitle(),
    nodes: vertices.map((vertex) => vertex.text.split('<br/>').map(decoded).join('\n')).toSorted(),
    clusters: subgraphs.map(({ title }) => decoded(title)).toSorted(),
    edges: flow
      .getEdges()
      .map((edge) => decoded(edge.text))
      .toSorted(),
    classes: new Map([...vertices, ...subgraphs].map(({ id, classes }) => [id, classes])),
  }
}

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"' }

// The parser stands signs of its own for `#34;` and `#quot;`; the page turns them into characters.
function decoded(text: string): string {
  const readable = text.replace(/ﬂ°(°?)(\w+)¶ß/g, (whole, number: string, name: string) =>
    number === '' ? (entities[name] ?? whole) : String.fromCodePoint(Number(name)),
  )
  if (/[<>"&]/.test(text)) throw new Error(`Mermaid reads HTML in ${text}`)
  return readable
}
