import { edgeLabel } from '../picture-words.ts'
import { edgesIn, type Arrangement } from './arrangement.ts'
import { joined, type Block, type Point, type Put, type Route } from './block.ts'

const rowMax = 1200
const gap = 18
/** Between where it decides and the branches. */
const drop = 40
const indent = 32

/** Where it decides above its branches: beside each other, or below each other where they would be too wide. */
export function arrangeBranches(arrangement: Arrangement, cluster: string, ids: readonly string[]): Block {
  const [gate = '', ...branches] = ids
  const root = arrangement.block(gate)
  const blocks = branches.map((id) => arrangement.block(id))
  const width = blocks.reduce((sum, block) => sum + block.width, gap * Math.max(0, blocks.length - 1))
  const places = width <= rowMax ? besideEachOther(root, blocks, width) : belowEachOther(root, blocks)
  const routes = edgesIn(arrangement, cluster).flatMap((edge): readonly Route[] => {
    const at = branches.indexOf(edge.to)
    const points = places.points[at]
    if (points === undefined) return []
    const text = edgeLabel(edge, arrangement.index)
    const end = points.at(-1) ?? { x: 0, y: 0 }
    const label = text === undefined || width > rowMax ? {} : { label: { x: end.x + 6, y: end.y - 8, text } }
    return [{ from: edge.from, to: edge.to, kind: edge.kind, points, ...label }]
  })
  return joined(places.puts, routes)
}

interface Places {
  readonly puts: readonly Put[]
  /** Of the line to each branch. */
  readonly points: readonly (readonly Point[])[]
}

function besideEachOther(root: Block, blocks: readonly Block[], width: number): Places {
  const whole = Math.max(root.width, width)
  const middle = whole / 2
  const y = root.height + drop
  let x = (whole - width) / 2
  const puts = blocks.map((block) => {
    const put = { block, x, y }
    x += block.width + gap
    return put
  })
  const points = puts.map(({ block, x: left }) => {
    const to = left + block.width / 2
    const turn = root.height + drop / 3
    return [
      { x: middle, y: root.height },
      ...(Math.abs(to - middle) < 1
        ? []
        : [
            { x: middle, y: turn },
            { x: to, y: turn },
          ]),
      { x: to, y },
    ]
  })
  return { puts: [{ block: root, x: middle - root.width / 2, y: 0 }, ...puts], points }
}

function belowEachOther(root: Block, blocks: readonly Block[]): Places {
  const bus = indent / 2
  let y = root.height + gap
  const puts = blocks.map((block) => {
    const put = { block, x: indent, y }
    y += block.height + gap
    return put
  })
  const points = puts.map(({ y: top }) => [
    { x: bus, y: root.height },
    { x: bus, y: top + 15 },
    { x: indent, y: top + 15 },
  ])
  return { puts: [{ block: root, x: 0, y: 0 }, ...puts], points }
}
