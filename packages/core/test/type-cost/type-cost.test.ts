import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, test } from 'vitest'
import type { TypeCost } from './measure.ts'

const script = fileURLToPath(new URL('measure.ts', import.meta.url))

// Each in a process of its own, one after the other: what one holds is not counted with another.
async function costOf(what: 'empty' | number): Promise<TypeCost> {
  const { stdout } = await promisify(execFile)(process.execPath, [script, String(what)])
  return JSON.parse(stdout) as TypeCost
}

/** How many instantiations of types one more step may cost: calls, branches and loops together. */
const instantiationsOfStepMax = 150

describe('a workflow built in TypeScript', () => {
  const costs = new Map<'empty' | number, TypeCost>()
  const cost = (what: 'empty' | number): TypeCost => {
    const found = costs.get(what)
    if (found === undefined) throw new Error(`${what} was not measured`)
    return found
  }

  beforeAll(async () => {
    for (const what of ['empty', 0, 100, 200] as const) costs.set(what, await costOf(what))
    process.stdout.write(`${table(costs)}\n`)
  }, 300_000)

  test.for([0, 100, 200])('of %i steps compiles', (steps) => {
    expect(cost(steps).mistakes).toEqual([])
  })

  test('costs the compiler no more for each step than is stated', () => {
    const perStep = (cost(200).instantiations - cost(0).instantiations) / 200
    expect(perStep).toBeLessThanOrEqual(instantiationsOfStepMax)
  })

  test('costs 2.2 times as much at most for twice the steps', () => {
    const [none, half, whole] = [cost(0), cost(100), cost(200)]
    expect(whole.instantiations - none.instantiations).toBeLessThanOrEqual(
      2.2 * (half.instantiations - none.instantiations),
    )
    expect(whole.types - none.types).toBeLessThanOrEqual(2.2 * (half.types - none.types))
  })
})

function table(costs: ReadonlyMap<'empty' | number, TypeCost>): string {
  const empty = costs.get('empty')
  const rows = [...costs].map(([what, { instantiations, types, seconds, megabytes }]) => {
    const name = what === 'empty' ? 'zod alone' : `${what} steps`
    const beyond = what === 'empty' || !empty ? '' : ` (+${(seconds - empty.seconds).toFixed(1)} s)`
    const more = what === 'empty' || !empty ? '' : ` (+${(megabytes - empty.megabytes).toFixed(0)} MB)`
    const [time, space] = [`${seconds.toFixed(1)} s${beyond}`, `${megabytes.toFixed(0)} MB${more}`]
    return `${name}: ${instantiations} instantiations, ${types} types, ${time}, ${space}`
  })
  return rows.join('\n')
}
