import { readdirSync, readFileSync } from 'node:fs'
import type { Fixture, RunBundle } from '@segno/schema'
import { planHash } from '@segno/schema/plan'
import { parse } from 'yaml'
import { planFrom } from '../../src/ports/batch.ts'
import { runFixture } from '../../src/testing/fixture-run.ts'
import { parseFixture } from '../../src/testing/fixture.ts'

const folder = new URL('../../../schema/conformance/', import.meta.url)

/** All conformance fixtures, by their files. */
export const fixtureFiles = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => file.replaceAll('\\', '/'))
  .toSorted()

/** A fixture, read and not played. */
export function fixtureIn(file: string): Fixture {
  return parseFixture(parse(readFileSync(new URL(file, folder), 'utf8')))
}

/** What a store would export of the run of a fixture. */
export function bundleOf(file: string): { readonly bundle: RunBundle; readonly fixture: Fixture } {
  const fixture = fixtureIn(file)
  const { events, status, blobs } = runFixture(fixture)
  const [created] = events
  if (created?.type !== 'run.created') throw new Error('a journal begins with run.created')
  const { runId, at, workflow, incarnation, labels } = created
  const hashes = events.flatMap((event) => planFrom(event) ?? [])
  const definitions = [fixture.definition, ...Object.values(fixture.plans ?? {})]
  const plans = definitions.map((one) => [planHash(one), one] as const).filter(([hash]) => hashes.includes(hash))
  const plan = hashes.at(-1)
  const row = { runId, incarnation, workflow, plan, labels, status, head: events.length, createdAt: at, updatedAt: at }
  const bundle = { format: 'segno-run', v: 1, row, plans: Object.fromEntries(plans), events, blobs, inbox: [] }
  return { bundle: JSON.parse(JSON.stringify(bundle)) as RunBundle, fixture }
}
