import { reservedHandlers, type Definition, type StepKind } from '../definition.ts'
import type { Mistake } from '../diagnostic/mistake.ts'
import { suggestion } from '../diagnostic/suggest.ts'
import { nameAndMajor, type HandlerFace } from './flow/outputs.ts'
import { placesWithUndo } from './walk.ts'

/**
 * Handlers that the host does not have, when it is known which it has. The verbs that a host may lack are among them: `exec` and
 * `run` where it has a shell, `http` and `watch`.
 */
export function checkHandlers(definition: Definition, handlers: ReadonlyMap<string, HandlerFace>): Mistake[] {
  const known = [...handlers.keys()].filter((name) => !reservedHandlers.some((word) => word === name))
  return placesWithUndo(definition).flatMap(({ step, kind, pointer }): Mistake[] => {
    const lack = lacks.get(kind)
    if (lack) {
      return handlers.has(kind) ? [] : [{ code: 'UNKNOWN_HANDLER', ...lack, pointer: `${pointer}/${kind}`, at: 'key' }]
    }
    if (!('uses' in step)) return []
    const [name, wanted] = nameAndMajor(step.uses)
    const major = handlers.get(name)?.version?.split('.', 1)[0]
    const place = { code: 'UNKNOWN_HANDLER', pointer: `${pointer}/uses` } as const
    if (!handlers.has(name)) {
      const mended = known.length === 0 ? { hint: 'no handler is registered' } : suggestion(name, known)
      return [{ ...place, message: `no handler "${name}" is registered`, ...mended }]
    }
    if (wanted === undefined || major === undefined || wanted === major) return []
    return [{ ...place, message: `the handler "${name}" is registered in version ${major}, not ${wanted}` }]
  })
}

const withoutShell = { message: 'this engine runs no commands', hint: 'give it a "shell"' }

const lacks: ReadonlyMap<StepKind, { readonly message: string; readonly hint: string }> = new Map([
  ['exec', withoutShell],
  ['run', withoutShell],
  ['http', { message: 'this engine sends no requests', hint: 'give it an "http"' }],
  ['watch', { message: 'this engine watches no files', hint: 'give it "files" that can glob' }],
])
