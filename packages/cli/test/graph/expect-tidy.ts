import type { Graph } from '@segno/schema/graph'
import { expect } from 'vitest'
import type { Element, SvgPicture } from './read-svg.ts'

interface Bounds {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

/** Expects that no two things that stand beside each other overlap, and that each lies within what holds it. */
export function expectTidy(graph: Graph, { root }: SvgPicture): void {
  const bounds = boundsIn(root)
  const picture = {
    left: 0,
    top: 0,
    right: Number(root.attributes['width']),
    bottom: Number(root.attributes['height']),
  }
  const levels = [{ id: 'the picture', items: graph.items, around: picture }]
  for (const { id, items } of graph.clusters) levels.push({ id, items, around: bounds.get(inXml(id)) ?? picture })
  for (const { id, items, around } of levels) {
    const placed = items.map((item) => [item, bounds.get(inXml(item))] as const)
    for (const [item, box] of placed) {
      expect(box !== undefined && contains(around, box), `${item} lies within ${id}`).toBe(true)
    }
    const pairs = placed.flatMap(([one, a], at) =>
      placed.slice(at + 1).map(([other, b]) => [one, a, other, b] as const),
    )
    const overlapping = pairs.filter(([, a, , b]) => a !== undefined && b !== undefined && overlap(a, b))
    expect(overlapping.map(([one, , other]) => `${one} and ${other}`)).toEqual([])
  }
}

// An id may hold the key of a case, and a key may hold what XML cannot.
function inXml(id: string): string {
  return id.toWellFormed().replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
}

function contains(outer: Bounds, inner: Bounds): boolean {
  return (
    inner.left >= outer.left && inner.top >= outer.top && inner.right <= outer.right && inner.bottom <= outer.bottom
  )
}

function overlap(a: Bounds, b: Bounds): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom
}

/** The outline of each thing, by its id. */
function boundsIn(root: Element): ReadonlyMap<string, Bounds> {
  const found = new Map<string, Bounds>()
  const walk = (element: Element, x: number, y: number): void => {
    const [, dx = '0', dy = '0'] =
      /^translate\(([-\d.]+) ([-\d.]+)\)$/.exec(element.attributes['transform'] ?? '') ?? []
    const [left, top] = [x + Number(dx), y + Number(dy)]
    const id = element.attributes['data-id']
    const shape = element.children.find(({ name }) => name === 'rect' || name === 'path')
    if (id !== undefined && shape !== undefined) {
      const { right, bottom } = sizeOf(shape)
      found.set(id, { left, top, right: left + right, bottom: top + bottom })
    }
    for (const child of element.children) walk(child, left, top)
  }
  walk(root, 0, 0)
  return found
}

// Outlines begin at their own corner, and say every place from there.
function sizeOf({ name, attributes }: Element): Pick<Bounds, 'right' | 'bottom'> {
  if (name === 'rect') return { right: Number(attributes['width']), bottom: Number(attributes['height']) }
  const [right, bottom]: [number[], number[]] = [[0], [0]]
  for (const [, command, numbers = ''] of (attributes['d'] ?? '').matchAll(/([MLHVQCZ])([^MLHVQCZ]*)/g)) {
    numbers
      .split(' ')
      .filter((number) => number !== '')
      .forEach((number, at) => {
        const isDown = command === 'V' || (command !== 'H' && at % 2 === 1)
        ;(isDown ? bottom : right).push(Number(number))
      })
  }
  return { right: Math.max(...right), bottom: Math.max(...bottom) }
}
