/** The lines that two texts differ in, as a unified diff that `git apply` and `patch` take. */
export function lineDiff(file: string, before: string, after: string): string {
  const [old, now] = [linesOf(before), linesOf(after)]
  const rows = rowsOf(old, now)
  const hunks = hunksOf(rows).map((hunk) => hunkText(rows.slice(hunk.from, hunk.to), rows[hunk.from]))
  return hunks.length === 0 ? '' : `--- a/${file}\n+++ b/${file}\n${hunks.join('')}`
}

/** A line of a diff, with its numbers in both texts, from 1. */
interface Row {
  readonly sign: ' ' | '-' | '+'
  readonly line: string
  readonly old: number
  readonly now: number
}

const contextLines = 2

// Each with its line break.
function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? []
}

function rowsOf(old: readonly string[], now: readonly string[]): Row[] {
  const rows: Row[] = []
  const common = commonLines(old, now)
  let [i, j] = [0, 0]
  for (const [oldAt, nowAt] of [...common, [old.length, now.length] as const]) {
    for (; i < oldAt; i++) rows.push({ sign: '-', line: old[i] ?? '', old: i + 1, now: j + 1 })
    for (; j < nowAt; j++) rows.push({ sign: '+', line: now[j] ?? '', old: i + 1, now: j + 1 })
    if (oldAt < old.length) rows.push({ sign: ' ', line: old[i] ?? '', old: ++i, now: ++j })
  }
  return rows
}

// The table below costs the product of the lengths; beyond it, what is between the ends counts as changed.
const tableMax = 4_000_000

/** The positions of lines that both texts have, in the order of both. */
function commonLines(old: readonly string[], now: readonly string[]): (readonly [old: number, now: number])[] {
  const length = Math.min(old.length, now.length)
  let head = 0
  while (head < length && old[head] === now[head]) head++
  let tail = 0
  while (tail < length - head && old[old.length - 1 - tail] === now[now.length - 1 - tail]) tail++
  const middle = longestCommon(old.slice(head, old.length - tail), now.slice(head, now.length - tail))
  return [
    ...Array.from({ length: head }, (_, index) => [index, index] as const),
    ...middle.map(([i, j]) => [i + head, j + head] as const),
    ...Array.from({ length: tail }, (_, index) => [old.length - tail + index, now.length - tail + index] as const),
  ]
}

function longestCommon(old: readonly string[], now: readonly string[]): (readonly [old: number, now: number])[] {
  const [height, width] = [old.length + 1, now.length + 1]
  if (height * width > tableMax) return []
  // How many lines are common from (i, j) on.
  const table = new Uint32Array(height * width)
  const at = (i: number, j: number): number => table[i * width + j] ?? 0
  for (let i = old.length - 1; i >= 0; i--) {
    for (let j = now.length - 1; j >= 0; j--) {
      table[i * width + j] = old[i] === now[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
    }
  }
  const found: (readonly [number, number])[] = []
  for (let [i, j] = [0, 0]; i < old.length && j < now.length;) {
    if (old[i] === now[j]) found.push([i++, j++])
    else if (at(i + 1, j) >= at(i, j + 1)) i++
    else j++
  }
  return found
}

function hunksOf(rows: readonly Row[]): { readonly from: number; readonly to: number }[] {
  const hunks: { from: number; to: number }[] = []
  for (const [index, { sign }] of rows.entries()) {
    if (sign === ' ') continue
    const [from, to] = [Math.max(0, index - contextLines), Math.min(rows.length, index + contextLines + 1)]
    const last = hunks.at(-1)
    if (last && from <= last.to) last.to = to
    else hunks.push({ from, to })
  }
  return hunks
}

function hunkText(rows: readonly Row[], first: Row | undefined): string {
  const oldCount = rows.filter(({ sign }) => sign !== '+').length
  const nowCount = rows.filter(({ sign }) => sign !== '-').length
  // Of no lines, the number is that of the line before.
  const start = (number: number, count: number): number => (count === 0 ? number - 1 : number)
  const head = `@@ -${start(first?.old ?? 1, oldCount)},${oldCount} +${start(first?.now ?? 1, nowCount)},${nowCount} @@\n`
  const ended = (line: string): string => (line.endsWith('\n') ? line : `${line}\n\\ No newline at end of file\n`)
  return head + rows.map(({ sign, line }) => sign + ended(line)).join('')
}
