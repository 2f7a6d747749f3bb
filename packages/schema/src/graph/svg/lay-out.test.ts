import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import type { Definition, Step } from '../../definition.ts'
import type { Graph } from '../graph.ts'
import { findItem, indexGraph } from '../graph-index.ts'
import { graphOf } from '../graph-of.ts'
import type { Block, Box, Point, Route } from './block.ts'
import { layOut } from './lay-out.ts'
import { headOf, nodeLines, sidePad } from './measure.ts'

const folder = new URL('../../../conformance/', import.meta.url)
const fixtures = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => (parse(readFileSync(new URL(name, folder), 'utf8')) as { readonly definition: Definition }).definition)

function step(id: string, more: Partial<Step> = {}): Step {
  return { id, uses: `handler-of-${id}`, ...more } as Step
}

function chain(prefix: string, length: number): readonly Step[] {
  return Array.from({ length }, (_, index) => step(`${prefix}${index}`))
}

const state = (to: readonly string[]): object => ({
  on: Object.fromEntries(to.map((name) => [`to-${name}`, { to: name }])),
})

/** What is hard to lay out: much beside much, long ways, things of very different size. */
const hard: Definition = {
  segno: 1,
  name: 'hard',
  steps: [
    {
      id: 'wide',
      match: 'x',
      cases: Object.fromEntries('abcdefghij'.split('').map((key) => [key, chain(`wide-${key}`, 2)])),
    },
    {
      id: 'dag',
      parallel: [
        step('a', { undo: { uses: 'back' } } as Partial<Step>),
        step('b', { needs: ['a'] }),
        { id: 'c', needs: ['a'], forEach: { in: 'x' }, do: chain('c', 3) },
        step('d', { needs: ['b', 'c'] }),
        step('e', { needs: ['a', 'd'] }),
        step('f'),
        step('g', { needs: ['f', 'b'] }),
        step('h', { needs: ['e', 'f', 'a'] }),
      ],
    },
    { id: 'many', parallel: chain('many', 30) },
    {
      id: 'late',
      try: chain('late', 2),
      catch: ['A', 'B', 'C'].map((code) => ({ on: [code], do: chain(code, 2) })),
      finally: chain('last', 1),
    },
    {
      id: 'machine',
      initial: 'two',
      states: {
        one: { ...state(['one', 'two', 'four', 'five']), do: chain('one', 2) },
        two: state(['one', 'three', 'five']),
        three: {
          ...state(['one', 'two', 'three', 'four']),
          do: [{ id: 'deep', repeat: { max: 2 }, do: chain('deep', 1) }],
        },
        four: state(['one']),
        five: {},
      },
    } as Step,
  ],
}

const graphs = [...fixtures, hard].map((definition) => graphOf(definition))
const drawn = graphs.map((graph) => [graph, layOut(graph, {})] as const)

describe('in a picture of any workflow', () => {
  test('all words fit into their box', () => {
    for (const [graph, block] of drawn) {
      const index = indexGraph(graph)
      for (const box of block.boxes) {
        const item = findItem(index, box.id)
        if (item === undefined) throw new Error(`nothing is called ${box.id}`)
        const isFramed = 'items' in item || item.kind === 'state'
        const widths = isFramed
          ? [headOf(item, undefined).width + 2 * sidePad]
          : nodeLines(item, undefined).map((line) => line.width + 12)
        const exits = (box.exits ?? []).map(({ line }) => line.width + 2 * sidePad)
        for (const width of [...widths, ...exits]) expect(width).toBeLessThanOrEqual(box.width)
      }
    }
  })

  test('each edge is drawn once, from the border of one thing to that of another', () => {
    for (const [graph, { boxes, routes }] of drawn) {
      const names = (
        ends: readonly { readonly from: string; readonly to: string; readonly kind: string }[],
      ): readonly string[] => ends.map(({ from, to, kind }) => `${from} ${kind} ${to}`).toSorted()
      expect(names(routes)).toEqual(names(graph.edges))
      const byId = new Map(boxes.map((box) => [box.id, box]))
      for (const { from, to, points } of routes) {
        const [start, end] = [points.at(0), points.at(-1)]
        expect(start && onBorder(byId.get(from), start), `from ${from}`).toBe(true)
        expect(end && onBorder(byId.get(to), end), `to ${to}`).toBe(true)
      }
    }
  })

  test('no line runs through what it does not lead to', () => {
    for (const [graph, block] of drawn) expect(linesThrough(graph, block)).toEqual([])
  })
})

function onBorder(box: Box | undefined, { x, y }: Point): boolean {
  if (box === undefined) return false
  const [right, bottom] = [box.x + box.width, box.y + box.height]
  const isInside = x >= box.x - 1 && x <= right + 1 && y >= box.y - 1 && y <= bottom + 1
  const isDeep = x > box.x + 1 && x < right - 1 && y > box.y + 1 && y < bottom - 1
  return isInside && !isDeep
}

/** Lines that cross something beside what they connect. */
function linesThrough({ clusters, items }: Graph, { boxes, routes }: Block): readonly string[] {
  const byId = new Map(boxes.map((box) => [box.id, box]))
  const beside = new Map(
    [items, ...clusters.map((cluster) => cluster.items)].flatMap((ids) => ids.map((id) => [id, ids] as const)),
  )
  return routes.flatMap((route) =>
    (beside.get(route.from) ?? []).flatMap((id) => {
      const box = byId.get(id)
      const isEnd = id === route.from || id === route.to
      const crosses = box !== undefined && !isEnd && alongOf(route).some((point) => isWithin(box, point))
      return crosses ? [`${route.from} to ${route.to} through ${id}`] : []
    }),
  )
}

function isWithin(box: Box, { x, y }: Point): boolean {
  return x > box.x + 1 && x < box.x + box.width - 1 && y > box.y + 1 && y < box.y + box.height - 1
}

/** Points along a line, close enough to each other that no box fits between. */
function alongOf({ points, bends }: Route): readonly Point[] {
  return points.slice(1).flatMap((to, index) => {
    const from = points[index] ?? to
    return Array.from({ length: 201 }, (_, at) => {
      const t = at / 200
      // The two middle points of the curve have the height of the ends.
      const eased = bends ? 3 * t ** 2 - 2 * t ** 3 : t
      const x = bends
        ? bezier(t, [from.x, (from.x + to.x) / 2, (from.x + to.x) / 2, to.x])
        : from.x + (to.x - from.x) * t
      return { x, y: from.y + (to.y - from.y) * eased }
    })
  })
}

function bezier(t: number, [a, b, c, d]: readonly [number, number, number, number]): number {
  const u = 1 - t
  return u ** 3 * a + 3 * u ** 2 * t * b + 3 * u * t ** 2 * c + t ** 3 * d
}
