/** A line that goes up or down from one height to another, on its way to something. */
export interface Passing {
  readonly to: string
  readonly start: number
  readonly end: number
}

const margin = 6

/**
 * The lane of what leads to each thing, from 0. Lines to the same thing share
 * one; others share one only where they do not meet. The shorter, the nearer.
 */
export function lanesOf(passings: readonly Passing[]): ReadonlyMap<string, number> {
  const spans = [...Map.groupBy(passings, ({ to }) => to)].map(([to, group]) => {
    const heights = group.flatMap(({ start, end }) => [start, end])
    return { to, top: Math.min(...heights) - margin, bottom: Math.max(...heights) + margin }
  })
  const lanes: { readonly top: number; readonly bottom: number }[][] = []
  const found = new Map<string, number>()
  for (const span of spans.toSorted((one, other) => one.bottom - one.top - (other.bottom - other.top))) {
    const free = lanes.findIndex((taken) => taken.every(({ top, bottom }) => bottom < span.top || top > span.bottom))
    const lane = free === -1 ? lanes.push([]) - 1 : free
    lanes[lane]?.push(span)
    found.set(span.to, lane)
  }
  return found
}
