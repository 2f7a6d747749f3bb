import { fileURLToPath } from 'node:url'
import { keyTables } from './report.ts'
import type { Results } from './results.ts'

/** The page that shows the results. */
export const page = fileURLToPath(new URL('../docs/25-performance.md', import.meta.url))

const [begin, end] = ['<!-- results -->', '<!-- /results -->']

/** The page with these results between its marks. */
export function withResults(text: string, results: Results): string {
  const [from, to] = [text.indexOf(begin), text.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`${page}: expected ${begin} and then ${end}`)
  const shown = ['![Steps a second, by engine and durability](figures/bench.svg)', '', ...keyTables(results)]
  return `${text.slice(0, from)}${begin}\n\n${shown.join('\n').trim()}\n\n${text.slice(to)}`
}
