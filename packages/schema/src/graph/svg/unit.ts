import { findItem } from '../graph-index.ts'
import type { Arrangement } from './arrangement.ts'
import { joined, type Block, type Box, type Point, type Route } from './block.ts'

/** A node or a cluster together with what takes it back. */
export interface Unit extends Block {
  readonly id: string
  /** Its own box, from the corner of the unit. */
  readonly main: Box
}

const gap = 28

/** What stands in a list, each with its `undo` beside or below it. */
export function unitsOf(arrangement: Arrangement, ids: readonly string[], at: 'beside' | 'below'): readonly Unit[] {
  const undone = new Map(ids.map((id) => [findItem(arrangement.index, id)?.undoes, id] as const))
  return ids
    .filter((id) => findItem(arrangement.index, id)?.undoes === undefined)
    .map((id) => {
      const block = arrangement.block(id)
      const undo = undone.get(id)
      const whole = undo === undefined ? block : withUndo(arrangement, block, { id, undo, at })
      return { ...whole, id, main: { id, x: 0, y: 0, width: block.width, height: block.height } }
    })
}

interface Pair {
  readonly id: string
  readonly undo: string
  readonly at: 'beside' | 'below'
}

function withUndo(arrangement: Arrangement, block: Block, { id, undo, at }: Pair): Block {
  const companion = arrangement.block(undo)
  const route = (points: readonly Point[]): Route => ({ from: id, to: undo, kind: 'undo', points })
  if (at === 'below') {
    const y = block.height + gap
    const x = Math.min(block.width, companion.width) / 2
    const puts = [
      { block, x: 0, y: 0 },
      { block: companion, x: 0, y },
    ]
    return joined(puts, [
      route([
        { x, y: block.height },
        { x, y },
      ]),
    ])
  }
  const middle = Math.min(block.height, companion.height) / 2
  const x = block.width + gap
  const puts = [
    { block, x: 0, y: 0 },
    { block: companion, x, y: 0 },
  ]
  return joined(puts, [
    route([
      { x: block.width, y: middle },
      { x, y: middle },
    ]),
  ])
}
