import type { GraphEdge } from '../graph.ts'
import { edgesIn, type Arrangement } from './arrangement.ts'
import { joined, type Block, type Box, type Point, type Put, type Route } from './block.ts'

const aside = 44
const gap = 18
const drop = 34
/** The middle of the head of a cluster. */
const head = 15

/** What is tried, with its clauses at the right, and `finally` below all of them. */
export function arrangeTry(arrangement: Arrangement, cluster: string, ids: readonly string[]): Block {
  const edges = edgesIn(arrangement, cluster)
  const [body = '', ...others] = ids
  const last = others.find((id) => edges.some(({ to, kind }) => to === id && kind === 'finally'))
  const clauses = others.filter((id) => id !== last)
  const puts = placesOf(arrangement, { body, clauses, last })
  const boxes = new Map(
    puts.map(({ block, x, y }) => {
      const [box] = block.boxes
      return [box?.id ?? '', { id: box?.id ?? '', x, y, width: block.width, height: block.height }] as const
    }),
  )
  const rows = joined(puts)
  const lane = rows.width + gap
  const routes = edges.flatMap((edge) => routeOf(edge, { boxes, body, lane }))
  const usesLane = routes.some(({ points }) => points.some(({ x }) => x === lane))
  return { ...rows, width: usesLane ? lane + 2 : rows.width, routes: [...rows.routes, ...routes] }
}

interface Parts {
  readonly body: string
  readonly clauses: readonly string[]
  readonly last: string | undefined
}

function placesOf({ block }: Arrangement, { body, clauses, last }: Parts): readonly Put[] {
  const [tried, final] = [block(body), last === undefined ? undefined : block(last)]
  const axis = Math.max(tried.width, final?.width ?? 0) / 2
  const left = axis - tried.width / 2
  let y = 0
  const caught = clauses.map((id) => {
    const put = { block: block(id), x: left + tried.width + aside, y }
    y += put.block.height + gap
    return put
  })
  const bottom = Math.max(tried.height, y - gap)
  const after = final === undefined ? [] : [{ block: final, x: axis - final.width / 2, y: bottom + drop }]
  return [{ block: tried, x: left, y: 0 }, ...caught, ...after]
}

interface Ways {
  readonly boxes: ReadonlyMap<string, Box>
  readonly body: string
  /** Where lines from clauses go down. */
  readonly lane: number
}

function routeOf({ from, to, kind }: GraphEdge, { boxes, body, lane }: Ways): readonly Route[] {
  const [start, end] = [boxes.get(from), boxes.get(to)]
  if (start === undefined || end === undefined) return []
  return [{ from, to, kind, points: pointsOf(start, end, { kind, isBody: from === body, lane }) }]
}

function pointsOf(
  start: Box,
  end: Box,
  { kind, isBody, lane }: { readonly kind: GraphEdge['kind']; readonly isBody: boolean; readonly lane: number },
): readonly Point[] {
  const right = start.x + start.width
  if (kind === 'catch') {
    const turn = right + aside / 2
    const [from, to] = [
      { x: right, y: start.y + head },
      { x: end.x, y: end.y + head },
    ]
    return from.y === to.y ? [from, to] : [from, { x: turn, y: from.y }, { x: turn, y: to.y }, to]
  }
  if (isBody) {
    const x = start.x + start.width / 2
    return [
      { x, y: start.y + start.height },
      { x, y: end.y },
    ]
  }
  const [from, to] = [start.y + head, end.y + head]
  return [
    { x: right, y: from },
    { x: lane, y: from },
    { x: lane, y: to },
    { x: end.x + end.width, y: to },
  ]
}
