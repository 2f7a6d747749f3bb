import { checkDefinition, Fixture, normalise, processVerbs } from '@segno/schema'
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
  const handlers = [...Object.keys(fixture.handlers ?? {}), ...processVerbs, 'http', 'watch']
  const mistakes = checkDefinition(fixture.definition, { handlers }).filter(({ severity }) => severity === 'error')
  if (mistakes.length > 0) {
    const text = mistakes.map(({ pointer, message }) => `${pointer}: ${message}`).join('; ')
    throw new SegnoError('ARGUMENT_INVALID', `The definition of "${fixture.title}" has errors: ${text}`, {
      details: mistakes,
    })
  }
  return { ...fixture, definition: normalise(fixture.definition) }
}
