import type { Json, JsonObject } from '@segno/schema/plan'
import { denying, hiding, seeing, type Reason } from './outlook.ts'
import { randomShape } from './shape.ts'
import { readingsOf, template, type Made, type Place, type Workshop } from './steps.ts'

/** Children that run together, and read those of their siblings that they need. */
export function parallel(workshop: Workshop, place: Place): Made {
  const { coverage, dice, spoiler } = workshop
  coverage.note('parallel')
  const { id, outlook } = place
  const ids = Array.from({ length: 2 + dice.below(2) }, () => workshop.nextId())
  const made: { readonly child: Made; readonly seen: ReadonlySet<string>; readonly needs: readonly string[] }[] = []
  for (const [index, child] of ids.entries()) {
    const needs = dice.some(ids.slice(0, index), 50)
    const seen = new Set(needs.flatMap((need) => [need, ...(made[ids.indexOf(need)]?.seen ?? [])]))
    const visible = made
      .filter(({ child: { face } }) => seen.has(face.id))
      .flatMap(({ child: { face } }) => readingsOf(face, dice))
    const others = ids
      .filter((one) => one !== child && !seen.has(one))
      .map((hidden) => ({ id: hidden, because: 'sibling' as const }))
    const inner = { ...place, id: child, outlook: hiding(seeing(outlook, visible), others), mayReturn: false }
    made.push({ child: workshop.stepOf(inner), seen, needs })
  }
  const cycle = made.findIndex(({ needs }) => needs.length > 0)
  const isCycle = cycle > 0 && spoiler.here('needs that go in a circle')
  const steps = made.map(({ child, needs }): JsonObject => {
    if (needs.length > 0) coverage.note('needs')
    return needs.length === 0 ? child.step : { ...child.step, needs }
  })
  const join = joinOf(workshop, ids.length)
  const because: Reason | undefined = 'join' in join ? 'a join that others met' : undefined
  const faces = made.map(({ child }) => child.face)
  const readings = faces.flatMap((face) => readingsOf(face, dice, face.mayNotHaveRun ?? because))
  // Where a join may leave children out, it is mostly they who are read.
  const end = because === undefined ? seeing(outlook, readings) : seeing({ ...outlook, readings: [] }, readings)
  const given = faces.flatMap(({ output }) => (output === undefined ? [] : [output.shape]))
  const shape = because === undefined || given.length === 0 ? randomShape(dice, 2) : dice.pick(given)
  const value = template(workshop, shape, denying(end, workshop.settled))
  const face: Made['face'] = { id, output: { shape, isDeclared: false, isAlways: true } }
  if (isCycle) {
    const circle = {
      id,
      parallel: inCircle(steps, cycle, ids),
      ...join,
      output: value,
      'x-mistake': `/parallel/${cycle}/needs/0`,
    }
    return { step: circle, face }
  }
  return { step: { id, parallel: steps, ...join, output: value }, face }
}

// The step that is needed needs the one that needs it.
function inCircle(steps: readonly JsonObject[], cycle: number, ids: readonly string[]): Json {
  const [first = ''] = (steps[cycle]?.['needs'] ?? []) as readonly string[]
  return steps.map((step, index) =>
    ids[index] === first
      ? { ...step, needs: [...((step['needs'] ?? []) as readonly string[]), ids[cycle] ?? ''] }
      : step,
  )
}

function joinOf({ coverage, dice }: Workshop, children: number): JsonObject {
  switch (dice.below(5)) {
    case 1:
      coverage.note('join any')
      return { join: 'any' }
    case 2:
      coverage.note('join atLeast')
      return { join: { atLeast: Math.min(2, children) } }
    case 3:
      coverage.note('failFast false')
      return { failFast: false, concurrency: 2 }
    default:
      return {}
  }
}
