import { reservedHandlers, type Definition } from '../definition.ts'
import type { Mistake } from '../diagnostic/mistake.ts'
import { suggestion } from '../diagnostic/suggest.ts'
import { stepPlaces } from './walk.ts'

/**
 * Handlers that the host does not have, when it is known which it has: by name,
 * or as `name@major`. A host with a shell has `exec` and `run`.
 */
export function checkHandlers(definition: Definition, handlers: Iterable<string>): Mistake[] {
  const majors = new Map([...handlers].map(nameAndMajor))
  const known = [...majors.keys()].filter((name) => !reservedHandlers.some((word) => word === name))
  return [...stepPlaces(definition)].flatMap(({ step, kind, pointer }): Mistake[] => {
    if (kind === 'exec' || kind === 'run') return majors.has(kind) ? [] : [withoutShell(`${pointer}/${kind}`)]
    if (!('uses' in step)) return []
    const [name, wanted] = nameAndMajor(step.uses)
    const major = majors.get(name)
    const place = { code: 'UNKNOWN_HANDLER', pointer: `${pointer}/uses` } as const
    if (!majors.has(name)) {
      const mended = known.length === 0 ? { hint: 'no handler is registered' } : suggestion(name, known)
      return [{ ...place, message: `no handler "${name}" is registered`, ...mended }]
    }
    if (wanted === undefined || major === undefined || wanted === major) return []
    return [{ ...place, message: `the handler "${name}" is registered in version ${major}, not ${wanted}` }]
  })
}

function withoutShell(pointer: string): Mistake {
  const message = 'this engine runs no commands'
  return { code: 'UNKNOWN_HANDLER', message, hint: 'give it a "shell"', pointer, at: 'key' }
}

function nameAndMajor(handler: string): readonly [name: string, major: string | undefined] {
  const [, name = handler, major] = /^(.+)@(\d+)$/.exec(handler) ?? []
  return [name, major]
}
