import { SaxesParser } from 'saxes'
import type { Picture } from './picture.ts'

/** An element of an SVG document. */
export interface Element {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: readonly Element[]
  /** Directly in it. */
  readonly text: string
}

/** A document as a strict parser of XML reads it. */
export interface SvgPicture extends Picture {
  readonly root: Element
  readonly all: readonly Element[]
}

type Open = { -readonly [K in keyof Element]: K extends 'children' ? Open[] : Element[K] }

/** Parses a document. Throws where it is not well-formed. */
export function readSvg(text: string): SvgPicture {
  const root = parsed(text)
  const all = everyElement(root)
  const items = all.filter(({ attributes }) => attributes['data-id'] !== undefined)
  const words = (item: Element): string => item.children.find(({ name }) => name === 'title')?.text ?? ''
  const kinds = (item: Element): readonly string[] => (item.attributes['class'] ?? '').split(' ')
  return {
    ...{ root, all },
    nodes: items
      .filter((item) => kinds(item).includes('sg-node'))
      .map(words)
      .toSorted(),
    clusters: items
      .filter((item) => kinds(item).includes('sg-cluster'))
      .map((item) => words(item).replaceAll('\n', ' · '))
      .toSorted(),
    edges: all
      .filter((item) => kinds(item).includes('sg-edge'))
      .map(wordsOf)
      .toSorted(),
  }
}

/** All the words inside of an element. */
function wordsOf({ text, children }: Element): string {
  return [text, ...children.map(wordsOf)].join('').trim()
}

function parsed(text: string): Element {
  const parser = new SaxesParser({ xmlns: true, fragment: false })
  const document: Open = { name: '', attributes: {}, children: [], text: '' }
  const open: Open[] = [document]
  parser.on('error', (error) => {
    throw error
  })
  parser.on('opentag', ({ name, attributes }) => {
    const values = Object.entries(attributes).map(([key, { value }]) => [key, value] as const)
    const element: Open = { name, attributes: Object.fromEntries(values), children: [], text: '' }
    open.at(-1)?.children.push(element)
    open.push(element)
  })
  parser.on('text', (words) => {
    const current = open.at(-1)
    if (current !== undefined) current.text += words
  })
  parser.on('closetag', () => {
    open.pop()
  })
  parser.write(text).close()
  const [root] = document.children
  if (root === undefined) throw new Error('the document has no element')
  return root
}

function everyElement(element: Element): readonly Element[] {
  return [element, ...element.children.flatMap(everyElement)]
}
