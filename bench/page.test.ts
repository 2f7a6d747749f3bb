import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { page, withResults } from './page.ts'
import { resultsPage } from './report.ts'
import type { Results } from './results.ts'

const file = new URL('results.json', import.meta.url)
const isMeasured = existsSync(file)

// A complete run writes all of them; there is nothing to compare before the first one.
test.runIf(isMeasured)('the page about performance and that of the results have the figures of results.json', () => {
  const results = JSON.parse(readFileSync(file, 'utf8')) as Results
  const text = readFileSync(page, 'utf8')
  expect(text, 'npm run bench writes them').toBe(withResults(text, results))
  expect(readFileSync(new URL('results.md', import.meta.url), 'utf8')).toBe(resultsPage(results))
})

test('the page about performance has a place for results', () => {
  const none: Results = {
    ...{ machine: { before: {}, after: {} }, subjects: [], rows: [], failures: [], verdicts: [] },
    sizes: {
      ...{ rounds: 1, runs: 1, boxMs: 1, fanSteps: 1, longSteps: 1, resumeSteps: 1, sleepers: 1 },
      ...{ coldEvents: 1, tailSteps: 1, limitMs: 1 },
    },
  }
  const text = withResults(readFileSync(page, 'utf8'), none)
  expect(text).toMatch(/<!-- results -->\n\n!\[.+\]\(figures\/bench\.svg\)\n\n<!-- \/results -->/)
  expect(withResults(text, none)).toBe(text)
})
