import { parse } from '@ts-graphviz/ast'
import type { Picture } from './picture.ts'

/** A digraph as a parser of DOT reads it. */
export interface DotPicture extends Picture {
  readonly title: string
}

/** A part of a syntax tree, as far as it is read here. */
interface Part {
  readonly type: string
  readonly kind?: string
  readonly id?: { readonly value: string }
  readonly key?: { readonly value: string }
  readonly value?: { readonly value: string }
  readonly children?: readonly Part[]
}

/** Parses a digraph. Throws where Graphviz would. */
export function readDot(text: string): DotPicture {
  const [graph] = (parse(text) as Part).children ?? []
  const parts = graph?.children ?? []
  const all = everyPart(parts)
  return {
    title: labelOf(graph),
    nodes: all
      .filter(({ type }) => type === 'Node')
      .map(labelIn)
      .toSorted(),
    clusters: all
      .filter(({ type }) => type === 'Subgraph')
      .map(labelOf)
      .toSorted(),
    edges: all
      .filter(({ type }) => type === 'Edge')
      .map(labelIn)
      .toSorted(),
  }
}

function everyPart(parts: readonly Part[]): readonly Part[] {
  return parts.flatMap((part) => [part, ...(part.type === 'Subgraph' ? everyPart(part.children ?? []) : [])])
}

function labelOf(graph: Part | undefined): string {
  const list = graph?.children?.find(({ type, kind }) => type === 'AttributeList' && kind === 'Graph')
  return labelIn(list)
}

function labelIn(part: Part | undefined): string {
  return decoded(attribute(part, 'label'))
}

function attribute(part: Part | undefined, name: string): string {
  return part?.children?.find(({ key }) => key?.value === name)?.value?.value ?? ''
}

// What Graphviz makes of a label: a backslash escapes, and entities are characters.
function decoded(text: string): string {
  return text
    .replace(/\\([^])/g, (_, character: string) => (character === 'n' ? '\n' : character))
    .replaceAll('&amp;', '&')
}
