import type { Definition } from '../definition.ts'
import type { Mistake } from '../diagnostic/mistake.ts'
import { didYouMean, suggest } from '../diagnostic/suggest.ts'
import { stepPlaces } from './walk.ts'

/** Handlers that the host does not have, when it is known which it has. */
export function checkHandlers(definition: Definition, handlers: Iterable<string>): Mistake[] {
  const known = [...handlers]
  return [...stepPlaces(definition)].flatMap(({ step, pointer }) => {
    if (!('uses' in step)) return []
    const name = step.uses.replace(/@\d+$/, '')
    if (known.includes(name) || known.includes(step.uses)) return []
    const hint = didYouMean(name, known) ?? (known.length === 0 ? 'no handler is registered' : undefined)
    const message = `no handler "${name}" is registered`
    return [{ code: 'UNKNOWN_HANDLER', message, hint, replacement: suggest(name, known), pointer: `${pointer}/uses` }]
  })
}
