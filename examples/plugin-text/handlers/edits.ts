import { codedError } from './coded-error.ts'

/** A line of one text or of both. */
export interface Edit {
  readonly kind: 'kept' | 'added' | 'removed'
  readonly line: string
}

/** How many lines may differ: time and memory grow with the square. */
const editsMax = 1000

/**
 * The fewest edits that make one list of lines of another:
 * E. W. Myers, An O(ND) Difference Algorithm and Its Variations (1986).
 */
export function edits(before: readonly string[], after: readonly string[]): Edit[] {
  const trace: Map<number, number>[] = []
  let reach = new Map([[1, 0]])
  for (let count = 0; ; count++) {
    if (count > editsMax) throw codedError('TEXTS_TOO_DIFFERENT', `The texts differ in more than ${editsMax} lines`)
    trace.push(reach)
    reach = new Map(reach)
    for (let diagonal = -count; diagonal <= count; diagonal += 2) {
      let x = startOf(reach, diagonal, count)
      while (x < before.length && x - diagonal < after.length && before[x] === after[x - diagonal]) x++
      reach.set(diagonal, x)
      if (x >= before.length && x - diagonal >= after.length) return pathOf(trace, before, after)
    }
  }
}

// Where a path of so many edits enters a diagonal: from above, which adds a line, or from the left, which removes one.
function startOf(reach: ReadonlyMap<number, number>, diagonal: number, count: number): number {
  return comesFromAbove(reach, diagonal, count) ? (reach.get(diagonal + 1) ?? 0) : (reach.get(diagonal - 1) ?? 0) + 1
}

function comesFromAbove(reach: ReadonlyMap<number, number>, diagonal: number, count: number): boolean {
  if (diagonal === -count) return true
  return diagonal !== count && (reach.get(diagonal - 1) ?? 0) < (reach.get(diagonal + 1) ?? 0)
}

// From the end back: each step of the trace knows how far the paths before it came.
function pathOf(
  trace: readonly ReadonlyMap<number, number>[],
  before: readonly string[],
  after: readonly string[],
): Edit[] {
  const found: Edit[] = []
  let [x, y] = [before.length, after.length]
  for (let count = trace.length - 1; count >= 0; count--) {
    const reach = trace[count] ?? new Map<number, number>()
    const diagonal = x - y
    const isAdded = comesFromAbove(reach, diagonal, count)
    const startX = startOf(reach, diagonal, count)
    while (x > startX) found.push({ kind: 'kept', line: before[--x] ?? '' })
    y = x - diagonal
    if (count === 0) break
    if (isAdded) found.push({ kind: 'added', line: after[--y] ?? '' })
    else found.push({ kind: 'removed', line: before[--x] ?? '' })
  }
  return found.toReversed()
}
