import { readdirSync, readFileSync } from 'node:fs'
import { parseFixture, runFixture } from '@segno/core/testing'
import { graphOf, runOverlay } from '@segno/schema/graph'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { root } from '../docs/page.ts'
import { drawAll } from './draw-all.ts'

const folder = `${root}packages/schema/conformance/`
const fixtures = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.yaml'))
  .toSorted()
  .map((name) => [name, parseFixture(parse(readFileSync(folder + name, 'utf8')))] as const)

describe('the graph of each conformance fixture is the same in every format:', () => {
  test.for(fixtures)('%s', async ([, { definition }]) => {
    await drawAll(graphOf(definition))
  })
})

describe('the run of each conformance fixture is the same in every format:', () => {
  test.for(fixtures)('%s', async ([, fixture]) => {
    const { events, status } = runFixture(fixture)
    const overlay = runOverlay(fixture.definition, events)
    await drawAll(graphOf(fixture.definition, { expand: true }), { status: overlay })
    if (status === 'completed' || status === 'failed' || status === 'cancelled') {
      expect(overlay.run.status).toBe(status)
      // Nothing goes on in a run that is over, and nothing is still to come.
      const ends = new Set(['completed', 'failed', 'cancelled', 'skipped', 'unreached'])
      expect([...overlay.items].filter(([, item]) => !ends.has(item.status))).toEqual([])
    }
  })
})
