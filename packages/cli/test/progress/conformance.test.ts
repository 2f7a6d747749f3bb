import { readdirSync, readFileSync } from 'node:fs'
import type { Fixture, RunEvent } from '@segno/schema'
import { parseFixture, runFixture, type FixtureRun } from '@segno/core/testing'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { advance } from '../../src/progress/advance.ts'
import { isStuck, newProgress, type Progress, type ProgressStatus } from '../../src/progress/progress.ts'
import { root } from '../docs/page.ts'

const folder = `${root}packages/schema/conformance/`
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.yaml'))

const settled: ReadonlySet<ProgressStatus> = new Set(['pending', 'completed', 'failed', 'skipped', 'cancelled'])
const over: ReadonlySet<FixtureRun['status']> = new Set(['completed', 'failed', 'cancelled'])

// What comes from outside: people, and other runs.
const outside: ReadonlySet<RunEvent['type']> = new Set([
  ...(['signal.received', 'signal.ignored', 'task.answered', 'operator.acted', 'cancel.requested'] as const),
  ...(['run.adopted', 'child.settled', 'plan.migrated'] as const),
])

function fixtureOf(file: string): Fixture {
  return parseFixture(parse(readFileSync(folder + file, 'utf8')))
}

function follow(
  file: string,
  look: (progress: Progress, event: RunEvent, next: RunEvent | undefined) => void,
): FixtureRun & { readonly progress: Progress } {
  const fixture = fixtureOf(file)
  const run = runFixture(fixture)
  const progress = newProgress(fixture.definition)
  run.events.forEach((event, index) => {
    advance(progress, event)
    look(progress, event, run.events[index + 1])
  })
  return { ...run, progress }
}

describe('every fixture, as it is shown', () => {
  test.for(files)('%s', (file) => {
    const { plans } = fixtureOf(file)
    const { progress, status } = follow(file, (seen, event, next) => {
      const place = `after ${event.seq} ${event.type}`
      const path = 'path' in event ? event.path : ''
      // What is shown is the plan that a run began with: steps that a newer one adds have no row.
      if (path !== '' && (plans === undefined || seen.steps.has(path)))
        expect([...seen.steps.keys()], place).toContain(seen.steps.has(path) ? path : path.replace(/~\d+$/, ''))
      const rows = [...seen.steps.values()]
      expect([...seen.live].map((row) => row.path).toSorted(), place).toEqual(
        rows
          .filter((row) => !settled.has(row.status))
          .map((row) => row.path)
          .toSorted(),
      )
      for (const [name, count] of Object.entries(seen.counts))
        expect(
          rows.filter((row) => row.declared !== undefined && row.status === name).length,
          `${place}: ${name}`,
        ).toBe(count)
      // Time went on, and nobody did anything: it cannot have been stuck.
      if (next !== undefined && next.at > event.at && !outside.has(next.type)) expect(isStuck(seen), place).toBe(false)
    })
    if (!over.has(status)) expect(isStuck(progress)).toBe(true)
    else {
      expect(progress.status).toBe(status)
      expect([...progress.live].map((row) => `${row.path} ${row.status}`)).toEqual([])
    }
  })
})
