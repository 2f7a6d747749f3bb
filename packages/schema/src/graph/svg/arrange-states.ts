import type { GraphEdge } from '../graph.ts'
import { findItem } from '../graph-index.ts'
import { arrangeList } from './arrange-list.ts'
import { edgesIn, type Arrangement } from './arrangement.ts'
import { joined, moved, type Block, type Exit, type Put, type Route } from './block.ts'
import { lanesOf } from './lanes.ts'
import { headOf, lineOf, sidePad } from './measure.ts'

const gap = 30
const rowHeight = 18
const widthMin = 140
const exitMax = 340
const laneGap = 14
/** The middle of the head of a state, where lines arrive. */
const arrival = 16

/**
 * States below each other, the initial one first. What leads out of a state is
 * told in it, line by line; from there lines go down at the right and up at the
 * left, those to the same state together.
 */
export function arrangeStates(arrangement: Arrangement, cluster: string, ids: readonly string[]): Block {
  const edges = edgesIn(arrangement, cluster)
  const [entry = '', ...rest] = ids
  const start = edges.find(({ from }) => from === entry)
  const order = [...rest.filter((id) => id === start?.to), ...rest.filter((id) => id !== start?.to)]
  const transitions = edges.filter(({ kind }) => kind === 'transition')
  const states = order.map((id) => stateOf(arrangement, id, waysOf(transitions, id, order)))
  const width = Math.max(0, ...states.map((state) => state.width))
  const marker = arrangement.block(entry)
  let y = marker.height + gap
  const tops = new Map<string, number>()
  const puts: Put[] = [{ block: marker, x: (width - marker.width) / 2, y: 0 }]
  for (const state of states) {
    tops.set(state.id, y)
    puts.push({ block: stateBlock(state, width), x: 0, y })
    y += state.height + gap
  }
  const middle = width / 2
  const first: readonly Route[] = start
    ? [
        {
          ...withoutLabel(start),
          points: [
            { x: middle, y: marker.height },
            { x: middle, y: tops.get(start.to) ?? 0 },
          ],
        },
      ]
    : []
  return withLines(joined(puts, first), states, { tops, width })
}

/** A transition, and the side at which its line goes. */
interface Way {
  readonly edge: GraphEdge
  readonly side: Exit['side']
}

function waysOf(transitions: readonly GraphEdge[], id: string, order: readonly string[]): readonly Way[] {
  return transitions
    .filter(({ from }) => from === id)
    .map((edge) => ({ edge, side: order.indexOf(edge.to) > order.indexOf(id) ? 'right' : 'left' }))
}

interface State {
  readonly id: string
  readonly inside: Block
  readonly insideY: number
  readonly exits: readonly (Exit & Way)[]
  readonly width: number
  readonly height: number
}

function stateOf(arrangement: Arrangement, id: string, ways: readonly Way[]): State {
  const { index, status } = arrangement
  const item = findItem(index, id)
  const items = index.clusters.get(id)?.items ?? []
  const head = item === undefined ? { width: 0, height: 0 } : headOf(item, status?.items.get(id))
  const inside = arrangeList(arrangement, id, items)
  const below = head.height + 4 + (items.length === 0 ? 0 : inside.height + sidePad)
  const exits = ways.map((way, at) => {
    const target = findItem(index, way.edge.to)?.label ?? way.edge.to
    const line = lineOf([{ text: `${way.edge.label ?? 'then'} → ${target}`, role: 'detail' }], exitMax)
    return { ...way, line, y: below + rowHeight * (at + 0.5) }
  })
  const height = below + rowHeight * exits.length + 6
  const width = Math.max(head.width, inside.width, ...exits.map(({ line }) => line.width)) + 2 * sidePad
  return { id, inside, insideY: head.height + 4, exits, width: Math.max(widthMin, width), height }
}

function stateBlock({ id, inside, insideY, exits, height }: State, width: number): Block {
  const { boxes, routes } = moved(inside, { x: (width - inside.width) / 2, y: insideY })
  return { width, height, boxes: [{ id, x: 0, y: 0, width, height, exits }, ...boxes], routes }
}

interface Places {
  readonly tops: ReadonlyMap<string, number>
  readonly width: number
}

function withLines(drawn: Block, states: readonly State[], { tops, width }: Places): Block {
  const topOf = (id: string): number => tops.get(id) ?? 0
  const lines = states.flatMap(({ exits }) =>
    exits.map(({ edge, side, y }) => ({
      ...{ edge, side, to: edge.to },
      ...{ start: topOf(edge.from) + y, end: topOf(edge.to) + arrival },
    })),
  )
  const left = lanesOf(lines.filter(({ side }) => side === 'left'))
  const right = lanesOf(lines.filter(({ side }) => side === 'right'))
  const routes = lines.map(({ edge, side, start, end }): Route => {
    const border = side === 'left' ? 0 : width
    const away = laneGap * (((side === 'left' ? left : right).get(edge.to) ?? 0) + 1) + 6
    const lane = side === 'left' ? -away : width + away
    const points = [
      { x: border, y: start },
      { x: lane, y: start },
      { x: lane, y: end },
      { x: border, y: end },
    ]
    return { ...withoutLabel(edge), points }
  })
  const room = (taken: ReadonlyMap<string, number>): number =>
    taken.size === 0 ? 0 : laneGap * (Math.max(...taken.values()) + 1) + 8
  const whole = moved({ ...drawn, routes: [...drawn.routes, ...routes] }, { x: room(left), y: 0 })
  return { ...whole, width: room(left) + width + room(right) }
}

function withoutLabel({ from, to, kind }: GraphEdge): Pick<Route, 'from' | 'to' | 'kind'> {
  return { from, to, kind }
}
