import type { EdgeKind } from '../graph.ts'
import type { Line } from './measure.ts'

/** Where something is, from the upper left corner, in pixels. */
export interface Point {
  readonly x: number
  readonly y: number
}

/** Where a node or a cluster is drawn. */
export interface Box extends Point {
  readonly id: string
  readonly width: number
  readonly height: number
  /** Of a state: what leads out of it, each with where its line begins. */
  readonly exits?: readonly Exit[]
}

/** A line of words at the side of a state. */
export interface Exit {
  readonly line: Line
  /** Of its middle, from the top of the state. */
  readonly y: number
  readonly side: 'left' | 'right'
}

/** How an edge is drawn: straight from point to point, or in bends from left to right. */
export interface Route {
  readonly from: string
  readonly to: string
  readonly kind: EdgeKind
  readonly points: readonly Point[]
  readonly bends?: true
  readonly label?: Point & { readonly text: string }
}

/** Some boxes and the lines between them, as one. */
export interface Block {
  readonly width: number
  readonly height: number
  readonly boxes: readonly Box[]
  readonly routes: readonly Route[]
}

/** The same at another place. */
export function moved<B extends Block>(block: B, by: Point): B {
  const to = <P extends Point>(point: P): P => ({ ...point, x: point.x + by.x, y: point.y + by.y })
  return {
    ...block,
    boxes: block.boxes.map(to),
    routes: block.routes.map((route) => ({
      ...route,
      points: route.points.map(to),
      ...(route.label && { label: to(route.label) }),
    })),
  }
}

/** One of some blocks, and where it goes. */
export interface Put<B extends Block = Block> extends Point {
  readonly block: B
}

/** Blocks at their places as one, with more lines. */
export function joined(puts: readonly Put[], routes: readonly Route[] = []): Block {
  const placed = puts.map(({ block, x, y }) => moved(block, { x, y }))
  return {
    width: Math.max(0, ...puts.map(({ block, x }) => x + block.width)),
    height: Math.max(0, ...puts.map(({ block, y }) => y + block.height)),
    boxes: placed.flatMap(({ boxes }) => boxes),
    routes: [...placed.flatMap((block) => block.routes), ...routes],
  }
}
