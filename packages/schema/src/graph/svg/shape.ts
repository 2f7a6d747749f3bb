import type { NodeKind } from '../graph.ts'
import type { Point } from './block.ts'
import { slant } from './measure.ts'
import { px } from './xml.ts'

interface Size {
  readonly width: number
  readonly height: number
}

/** The outline of a node from its upper left corner, as the data of an SVG path. */
export function outline(kind: NodeKind, { width: w, height: h }: Size): string {
  const lean = slant(kind)
  switch (kind) {
    case 'decision':
      return polygon([lean, 0], [w - lean, 0], [w, h / 2], [w - lean, h], [lean, h], [0, h / 2])
    case 'loop':
      return polygon([lean, 0], [w - lean, 0], [w, lean], [w, h], [0, h], [0, lean])
    case 'emit':
      return polygon([lean, 0], [w, 0], [w - lean, h], [0, h])
    case 'return':
    case 'fail':
      return polygon([0, 0], [w - lean, 0], [w, h / 2], [w - lean, h], [0, h])
    case 'call':
    case 'start':
      return `${rounded(w, h, 3)}M${lean} 0V${h}M${w - lean} 0V${h}`
    case 'sleep':
    case 'sleepUntil':
    case 'waitFor':
    case 'ask':
    case 'watch':
    case 'entry':
    case 'exit':
      return rounded(w, h, Math.min(h / 2, 20))
    case 'set':
    case 'assert':
    case 'state':
    case 'nothing':
      return rounded(w, h, 9)
    case 'uses':
    case 'exec':
    case 'run':
    case 'agent':
    case 'http':
      return rounded(w, h, 3)
    default:
      return kind satisfies never
  }
}

type Corner = readonly [x: number, y: number]

function polygon(...corners: readonly Corner[]): string {
  return `M${corners.map(([x, y]) => `${px(x)} ${px(y)}`).join('L')}Z`
}

function rounded(w: number, h: number, r: number): string {
  const [right, low] = [px(w - r), px(h - r)]
  return `M${r} 0H${right}Q${px(w)} 0 ${px(w)} ${r}V${low}Q${px(w)} ${px(h)} ${right} ${px(h)}H${r}Q0 ${px(h)} 0 ${low}V${r}Q0 0 ${r} 0Z`
}

const bend = 7

/** A line from point to point whose corners are round, up to the head of its arrow. */
export function polyline(given: readonly Point[]): string {
  const points = given.map((point, at) => {
    const before = given[at - 1]
    return before !== undefined && at === given.length - 1 ? towards(point, before, arrowLength - 1) : point
  })
  return points
    .map((point, at) => {
      const [before, after] = [points[at - 1], points[at + 1]]
      if (before === undefined) return `M${place(point)}`
      if (after === undefined) return `L${place(point)}`
      const r = Math.min(bend, distance(before, point) / 2, distance(point, after) / 2)
      return `L${place(towards(point, before, r))}Q${place(point)} ${place(towards(point, after, r))}`
    })
    .join('')
}

/** A line that leaves to the right and arrives from the left, through all points. */
export function curve(points: readonly Point[]): string {
  return points
    .map((point, at) => {
      const before = points[at - 1]
      if (before === undefined) return `M${place(point)}`
      const middle = (before.x + point.x) / 2
      return `C${px(middle)} ${px(before.y)} ${px(middle)} ${px(point.y)} ${place(point)}`
    })
    .join('')
}

const arrowLength = 8
const arrowWidth = 7

/** The head of an arrow that arrives at `tip`. */
export function arrow(tip: Point, from: Point): string {
  const base = towards(tip, from, arrowLength)
  const across = {
    x: ((base.y - tip.y) / arrowLength) * (arrowWidth / 2),
    y: ((tip.x - base.x) / arrowLength) * (arrowWidth / 2),
  }
  const [one, other] = [
    { x: base.x + across.x, y: base.y + across.y },
    { x: base.x - across.x, y: base.y - across.y },
  ]
  return `M${place(tip)}L${place(one)}L${place(other)}Z`
}

function towards(from: Point, to: Point, length: number): Point {
  const whole = distance(from, to)
  if (whole === 0) return from
  return { x: from.x + ((to.x - from.x) * length) / whole, y: from.y + ((to.y - from.y) * length) / whole }
}

function distance(one: Point, other: Point): number {
  return Math.hypot(one.x - other.x, one.y - other.y)
}

function place({ x, y }: Point): string {
  return `${px(x)} ${px(y)}`
}
