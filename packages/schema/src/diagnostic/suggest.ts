/**
 * The candidate that a misspelt word most likely means: nearest by
 * Damerau-Levenshtein distance, at most a third of the word's length away.
 */
export function suggest(word: string, candidates: Iterable<string>): string | undefined {
  return nearest(word, candidates)[0]
}

/** The nearest candidates: several where they are equally near, in the order in which they are given. */
function nearest(word: string, candidates: Iterable<string>): readonly string[] {
  if (word.length > wordLengthMax) return []
  const wanted = word.toLowerCase()
  let best: string[] = []
  let reach = Math.floor(word.length / 3)
  for (const candidate of new Set(candidates)) {
    if (Math.abs(candidate.length - word.length) > reach) continue
    const distance = distanceOf(wanted, candidate.toLowerCase(), reach)
    if (distance > reach) continue
    if (distance < reach) best = []
    best.push(candidate)
    reach = distance
  }
  return best
}

/** The words of a hint: `did you mean "needs"?` */
export function didYouMean(word: string, candidates: Iterable<string>): string | undefined {
  return suggestion(word, candidates).hint
}

/** A suggestion as a diagnostic takes it: in words, and as what to put in place of the word. */
export function suggestion(
  word: string,
  candidates: Iterable<string>,
): { readonly hint?: string; readonly replacement?: string; readonly alternatives?: readonly string[] } {
  const [replacement, ...others] = nearest(word, candidates).slice(0, namesMax)
  if (replacement === undefined) return {}
  const names = [replacement, ...others].map((name) => `"${name}"`)
  const hint = `did you mean ${names.join(' or ')}?`
  return { hint, replacement, ...(others.length > 0 && { alternatives: others }) }
}

const namesMax = 3

/**
 * A suggestion, as long as few were asked for before: thousands of unknown names
 * among thousands of steps would take seconds.
 */
export function suggestionUnlessMany(
  word: string,
  candidates: Iterable<string>,
  before: number,
): ReturnType<typeof suggestion> {
  return before < suggestionsMax ? suggestion(word, candidates) : {}
}

const suggestionsMax = 100

// The distance costs the product of the lengths, and words come from the file.
const wordLengthMax = 64

/** Edits between two words: insert, delete, replace, swap neighbours. Gives up beyond `reach`. */
function distanceOf(a: string, b: string, reach: number): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    let least = i
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      let cost = Math.min(at(last, j) + 1, at(row, j - 1) + 1, at(last, j - 1) + (same ? 0 : 1))
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      if (swapped) cost = Math.min(cost, at(beforeLast, j - 2) + 1)
      row.push(cost)
      least = Math.min(least, cost)
    }
    // A swap reaches back two rows, so one row beyond is not enough to give up.
    if (least > reach + 1) return least
    beforeLast = last
    last = row
  }
  return at(last, b.length)
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Infinity
}
