import type { GraphEdge } from '../graph.ts'
import { edgesIn, type Arrangement } from './arrangement.ts'
import { joined, moved, type Block, type Box, type Route } from './block.ts'
import { unitsOf } from './unit.ts'

const gap = 28
const lane = 18

/** Steps one below the other on one axis; a line at the right leads back to where the next pass begins. */
export function arrangeList(arrangement: Arrangement, cluster: string, ids: readonly string[]): Block {
  const units = unitsOf(arrangement, ids, 'beside')
  const axis = Math.max(0, ...units.map(({ main }) => main.width / 2))
  let y = 0
  const puts = units.map((block) => {
    const put = { block, x: axis - block.main.width / 2, y }
    y += block.height + gap
    return put
  })
  const boxes = new Map(puts.map(({ block, x, y: top }) => [block.id, { ...block.main, x, y: top }]))
  const list = joined(puts)
  const edges = edgesIn(arrangement, cluster)
  const back = edges.find(({ kind }) => kind === 'loop')
  const down = edges.filter(({ kind }) => kind === 'sequence' || kind === 'finally')
  const whole = { ...list, routes: [...list.routes, ...down.flatMap((edge) => straightDown(edge, boxes))] }
  return back === undefined ? whole : withWayBack(whole, back, boxes)
}

type Boxes = ReadonlyMap<string, Box>

function straightDown({ from, to, kind }: GraphEdge, boxes: Boxes): readonly Route[] {
  const [above, below] = [boxes.get(from), boxes.get(to)]
  if (above === undefined || below === undefined) return []
  const x = above.x + above.width / 2
  return [
    {
      from,
      to,
      kind,
      points: [
        { x, y: above.y + above.height },
        { x, y: below.y },
      ],
    },
  ]
}

function withWayBack(list: Block, { from, to, kind }: GraphEdge, boxes: Boxes): Block {
  const [last, gate] = [boxes.get(from), boxes.get(to)]
  if (last === undefined || gate === undefined) return list
  const x = last.x + last.width / 2
  const right = list.width + lane
  const [bottom, middle] = [list.height + lane - 4, gate.y + gate.height / 2]
  const points = [
    { x, y: last.y + last.height },
    ...[
      { x, y: bottom },
      { x: right, y: bottom },
      { x: right, y: middle },
    ],
    { x: gate.x + gate.width, y: middle },
  ]
  const looped = { ...list, height: bottom + 2, routes: [...list.routes, { from, to, kind, points }] }
  // As much room at the left keeps the axis where it was.
  return { ...moved(looped, { x: lane + 2, y: 0 }), width: list.width + 2 * (lane + 2) }
}
