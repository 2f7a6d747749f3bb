/** A way from one thing to another that has to come before it. */
export interface Way {
  readonly from: string
  readonly to: string
}

/** Things in columns, so that every way leads to the right. */
export interface Layers {
  /** From above: things, and passages for ways that go by. */
  readonly columns: readonly (readonly string[])[]
  /** What each way goes through, from column to column. */
  readonly chains: readonly (readonly string[])[]
}

/** Ways that lead to the same thing pass a column together. */
export function isPassage(key: string): boolean {
  return key.includes('>')
}

/**
 * Each thing stands as far to the left as what it waits for lets it. Within a
 * column, things stand near what they are connected with, and otherwise in the
 * order given.
 */
export function layersOf(ids: readonly string[], ways: readonly Way[]): Layers {
  const depths = depthsOf(ids, ways)
  const columns: string[][] = []
  for (const id of ids) (columns[depths.get(id) ?? 0] ??= []).push(id)
  const chains = ways.map(({ from, to }) => {
    const chain = [from]
    for (let column = (depths.get(from) ?? 0) + 1; column < (depths.get(to) ?? 0); column++) {
      const passage = `${column}>${to}`
      if (columns[column]?.includes(passage) !== true) columns[column]?.push(passage)
      chain.push(passage)
    }
    return [...chain, to]
  })
  return { columns: untangled(columns, chains), chains }
}

function depthsOf(ids: readonly string[], ways: readonly Way[]): ReadonlyMap<string, number> {
  const before = Map.groupBy(ways, ({ to }) => to)
  const depths = new Map<string, number>()
  // A definition without mistakes has no circle; with one, it is cut where it is met.
  const depthOf = (id: string): number => {
    const known = depths.get(id)
    if (known !== undefined) return known
    depths.set(id, 0)
    const depth = Math.max(0, ...(before.get(id) ?? []).map(({ from }) => depthOf(from) + 1))
    depths.set(id, depth)
    return depth
  }
  for (const id of ids) depthOf(id)
  return depths
}

const sweeps = 4

// Moves each thing to the middle of what it is connected with: from left to right, and back, in turn.
function untangled(columns: readonly (readonly string[])[], chains: Layers['chains']): Layers['columns'] {
  const links = chains.flatMap((chain) => chain.slice(1).map((to, at) => ({ from: chain[at] ?? to, to })))
  const [before, after] = [Map.groupBy(links, ({ to }) => to), Map.groupBy(links, ({ from }) => from)]
  const current = columns.map((column) => [...column])
  // How far down each thing stands in its column, from 0 to 1.
  const places = new Map<string, number>()
  const settle = (column: readonly string[]): void =>
    column.forEach((key, at) => places.set(key, (at + 0.5) / column.length))
  current.forEach(settle)
  for (let sweep = 0; sweep < sweeps; sweep++) {
    const goesRight = sweep % 2 === 0
    const order = [...current.keys()]
    for (const at of goesRight ? order : order.toReversed()) {
      const keyed = (current[at] ?? []).map((key) => {
        const near = goesRight ? before.get(key)?.map(({ from }) => from) : after.get(key)?.map(({ to }) => to)
        return [key, middleOf(near ?? [], places) ?? places.get(key) ?? 0] as const
      })
      const sorted = keyed.toSorted(([, one], [, other]) => one - other).map(([key]) => key)
      current[at] = sorted
      settle(sorted)
    }
  }
  return current
}

function middleOf(keys: readonly string[], places: ReadonlyMap<string, number>): number | undefined {
  if (keys.length === 0) return undefined
  return keys.reduce((sum, key) => sum + (places.get(key) ?? 0), 0) / keys.length
}
