import { checkDefinition, Fixture, normalise, processVerbs } from '@segno/schema'
import type { Definition } from '@segno/schema'
import { SegnoError } from '../error.ts'

/**
 * Takes a conformance fixture that was read from its file: a plain object, as a
 * YAML or JSON parser gives it. Throws `ARGUMENT_INVALID` where it is no
 * fixture, or where its definition does not check.
 */
export function parseFixture(value: unknown): Fixture {
  const parsed = Fixture.safeParse(value, { jitless: true })
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
    throw new SegnoError('ARGUMENT_INVALID', `This is no fixture: ${problems.join('; ')}`, { details: problems })
  }
  const fixture = parsed.data
  const { commands = [], plans = {} } = fixture
  for (const [index, { plan }] of commands.entries()) {
    if (plan === undefined || Object.hasOwn(plans, plan)) continue
    throw new SegnoError('ARGUMENT_INVALID', `This is no fixture: commands.${index}.plan: it has no plan "${plan}"`)
  }
  const checked = Object.entries(plans).map(([name, plan]) => [
    name,
    soundDefinition(fixture, plan, `The plan "${name}" of "${fixture.title}"`),
  ])
  return {
    ...fixture,
    definition: soundDefinition(fixture, fixture.definition, `The definition of "${fixture.title}"`),
    ...(fixture.plans === undefined ? {} : { plans: Object.fromEntries(checked) as Fixture['plans'] & object }),
  }
}

function soundDefinition(fixture: Fixture, definition: Definition, what: string): Definition {
  const handlers = [...Object.keys(fixture.handlers ?? {}), ...processVerbs, 'http', 'watch']
  const mistakes = checkDefinition(definition, { handlers }).filter(({ severity }) => severity === 'error')
  if (mistakes.length === 0) return normalise(definition)
  const text = mistakes.map(({ pointer, message }) => `${pointer}: ${message}`).join('; ')
  throw new SegnoError('ARGUMENT_INVALID', `${what} has errors: ${text}`, { details: mistakes })
}
