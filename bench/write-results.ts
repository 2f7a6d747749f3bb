import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import { resolve } from 'node:path'
import { chart } from './chart.ts'
import { page, withResults } from './page.ts'
import { resultsPage } from './report.ts'
import type { Results } from './results.ts'

/** Writes the results, their page and their chart: where the docs show them, or into a folder. */
export async function writeResults(results: Results, out: string | undefined): Promise<void> {
  const folder = out === undefined ? new URL('./', import.meta.url) : pathToFileURL(`${resolve(out)}/`)
  const figures = out === undefined ? new URL('../docs/figures/', import.meta.url) : folder
  await mkdir(folder, { recursive: true })
  await writeFile(new URL('results.json', folder), `${JSON.stringify(results, null, 2)}\n`)
  await writeFile(new URL('results.md', folder), resultsPage(results))
  await writeFile(new URL('bench.svg', figures), chart(results))
  if (out === undefined) await writeFile(page, withResults(await readFile(page, 'utf8'), results))
}
