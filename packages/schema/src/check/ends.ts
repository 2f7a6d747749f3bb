import type { Definition, Step } from '../definition.ts'
import { suggestion } from '../diagnostic/suggest.ts'
import type { Mistake } from '../diagnostic/mistake.ts'
import { pointerPart } from '../json.ts'
import { stepPlaces, type StepPlace } from './walk.ts'

/** A `return` where none can be, one that does not give the outputs, and outputs that nothing gives. */
export function checkEnds(definition: Definition): Mistake[] {
  const outputs = Object.keys(definition.output ?? {})
  const returns = stepPlaces(definition).flatMap((place) => [...misplaced(place), ...unequal(place, outputs)])
  return [...returns, ...withoutValue(definition)]
}

function misplaced(place: StepPlace): Mistake[] {
  if (!('return' in place.step)) return []
  for (let { list } = place; ; { list } = list.owner) {
    const block = list.role === 'do' && list.owner?.kind === 'forEach' ? 'forEach' : list.role
    if (block === 'parallel' || block === 'finally' || block === 'forEach') {
      const message = `"return" cannot stand inside "${block}"`
      return [{ code: 'MISPLACED_RETURN', message, pointer: `${place.pointer}/return`, at: 'key' }]
    }
    if (!list.owner) return []
  }
}

function unequal({ step, pointer }: StepPlace, outputs: readonly string[]): Mistake[] {
  if (!('return' in step)) return []
  const given = Object.keys(step.return)
  const unknown = given
    .filter((name) => !outputs.includes(name))
    .map((name) => ({ name, ...suggestion(name, outputs) }))
  // One that is misspelt is not missing too.
  const meant = new Set(unknown.map(({ replacement }) => replacement))
  const missing = outputs.filter((name) => !given.includes(name) && !meant.has(name))
  return [
    ...(missing.length === 0 ? [] : [{ missing: missing.map((name) => `"${name}"`).join(', ') }]).map(
      ({ missing: names }) => ({
        code: 'RETURN_OUTPUTS' as const,
        message: `"return" gives every output; missing: ${names}`,
        pointer: `${pointer}/return`,
        at: 'key' as const,
      }),
    ),
    ...unknown.map(({ name, ...near }) => ({
      code: 'RETURN_OUTPUTS' as const,
      message: `the workflow has no output "${name}"`,
      ...near,
      pointer: `${pointer}/return${pointerPart(name)}`,
      at: 'key' as const,
    })),
  ]
}

function withoutValue({ output = {}, steps }: Definition): Mistake[] {
  if (endsAlways(steps)) return []
  return Object.entries(output)
    .filter(([, { value }]) => value === undefined)
    .map(([name]) => ({
      code: 'OUTPUT_WITHOUT_VALUE',
      message: `the output "${name}" has no "value", and not every path ends with "return"`,
      hint: 'add value: "${{ … }}"',
      pointer: `/output${pointerPart(name)}`,
      at: 'key',
    }))
}

/** Whether no path through a list goes on after it. */
function endsAlways(steps: readonly Step[] | undefined): boolean {
  return steps?.some(stepEnds) ?? false
}

function stepEnds(step: Step): boolean {
  if ('onFailure' in step && step.onFailure === 'continue') return false
  if ('do' in step && 'else' in step) return endsAlways(step.do) && endsAlways(step.else)
  if (step.if !== undefined) return false
  if ('return' in step || 'fail' in step) return true
  if ('match' in step) return endsAlways(step.default) && Object.values(step.cases).every(endsAlways)
  if ('try' in step) return endsAlways(step.try) && (step.catch ?? []).every((clause) => endsAlways(clause.do))
  return 'do' in step && !('forEach' in step) && !('repeat' in step) && endsAlways(step.do)
}
