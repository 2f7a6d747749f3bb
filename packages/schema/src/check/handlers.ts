import type { Definition } from '../definition.ts'
import type { Mistake } from '../diagnostic/mistake.ts'
import { suggestion } from '../diagnostic/suggest.ts'
import { stepPlaces } from './walk.ts'

/** Handlers that the host does not have, when it is known which it has. */
export function checkHandlers(definition: Definition, handlers: Iterable<string>): Mistake[] {
  const known = [...handlers]
  return [...stepPlaces(definition)].flatMap(({ step, pointer }) => {
    if (!('uses' in step)) return []
    const name = step.uses.replace(/@\d+$/, '')
    if (known.includes(name) || known.includes(step.uses)) return []
    const mended = known.length === 0 ? { hint: 'no handler is registered' } : suggestion(name, known)
    const message = `no handler "${name}" is registered`
    return [{ code: 'UNKNOWN_HANDLER', message, ...mended, pointer: `${pointer}/uses` }]
  })
}
