import type { GraphEdge } from '../graph.ts'
import { edgesIn, type Arrangement } from './arrangement.ts'
import { joined, type Block, type Box, type Put, type Route } from './block.ts'
import { isPassage, layersOf, type Layers } from './layers.ts'
import { unitsOf, type Unit } from './unit.ts'

const rowMax = 1000
const gap = 18
const columnGap = 76
const passageHeight = 12

/** What runs together, side by side; from left to right where some of it waits for other. */
export function arrangeParallel(arrangement: Arrangement, cluster: string, ids: readonly string[]): Block {
  const needs = edgesIn(arrangement, cluster).filter(({ kind }) => kind === 'needs')
  if (needs.length === 0) return inRows(unitsOf(arrangement, ids, 'beside'))
  const units = new Map(unitsOf(arrangement, ids, 'below').map((unit) => [unit.id, unit]))
  return inColumns(units, needs)
}

function inRows(units: readonly Unit[]): Block {
  const puts: Put[] = []
  let [x, y, height] = [0, 0, 0]
  for (const block of units) {
    if (x > 0 && x + block.width > rowMax) [x, y, height] = [0, y + height + gap, 0]
    puts.push({ block, x, y })
    x += block.width + gap
    height = Math.max(height, block.height)
  }
  return joined(puts)
}

function inColumns(units: ReadonlyMap<string, Unit>, needs: readonly GraphEdge[]): Block {
  const layers = layersOf([...units.keys()], needs)
  const { puts, slots } = placesOf(layers, units)
  const routes = needs.map(({ from, to, kind }, index): Route => {
    const chain = (layers.chains[index] ?? []).flatMap((key) => slots.get(key) ?? [])
    const points = chain.flatMap(({ box, right }, at) => {
      const y = box.y + box.height / 2
      const end = { x: box.x + box.width, y }
      // Straight past what is wider in the same column.
      if (at === 0) return end.x === right ? [end] : [end, { x: right, y }]
      return at === chain.length - 1 ? [{ x: box.x, y }] : [{ x: box.x, y }, end]
    })
    return { from, to, kind, points, bends: true }
  })
  return joined(puts, routes)
}

interface Places {
  readonly puts: readonly Put[]
  /** By its key in a column: the box of a step itself, or that of a passage, and where its column ends. */
  readonly slots: ReadonlyMap<string, { readonly box: Box; readonly right: number }>
}

function placesOf({ columns }: Layers, units: ReadonlyMap<string, Unit>): Places {
  const heightOf = (key: string): number => (isPassage(key) ? passageHeight : (units.get(key)?.height ?? 0))
  const heights = columns.map((column) => column.reduce((sum, key) => sum + heightOf(key) + gap, -gap))
  const whole = Math.max(...heights)
  const puts: Put[] = []
  const slots = new Map<string, { readonly box: Box; readonly right: number }>()
  let x = 0
  columns.forEach((column, index) => {
    const width = Math.max(0, ...column.map((key) => units.get(key)?.width ?? 0))
    let y = (whole - (heights[index] ?? 0)) / 2
    for (const key of column) {
      const unit = units.get(key)
      if (unit === undefined) slots.set(key, { box: { id: key, x, y, width, height: passageHeight }, right: x + width })
      else {
        puts.push({ block: unit, x, y })
        slots.set(key, { box: { ...unit.main, x, y }, right: x + width })
      }
      y += heightOf(key) + gap
    }
    x += width + columnGap
  })
  return { puts, slots }
}
