import type { Step } from '@segno/schema/plan'
import { SegnoError } from '../error.ts'
import { addStep, freeId, template } from './place.ts'
import type { Place } from './place.ts'
import { isPlainObject, stepIdOf } from './reference-of.ts'

/** A list of steps that has been written, and what its callback returned. */
export interface Branch {
  readonly place: Place
  readonly result: unknown
}

/** What a list without an end returns. */
export const ended: object = Object.freeze({})

/**
 * Calls the callback of a block with a `w` of its own. Until it returns, no step can be
 * added to the list around. Throws `ARGUMENT_INVALID` for a callback that is async.
 */
export function write(place: Place, scope: object, callback: (w: object) => unknown): Branch {
  const { around } = place
  if (around !== undefined) around.state = 'inside'
  try {
    const result = callback(scope)
    if (result instanceof Promise) {
      throw new SegnoError(
        'ARGUMENT_INVALID',
        'A callback of a workflow is async: it is called once, to write steps down',
      )
    }
    return { place, result }
  } finally {
    place.state = 'closed'
    if (around !== undefined) around.state = 'open'
  }
}

/** The `output` of a block with one list; none where the block gives what the last step does, or nothing. */
export function outputField({ place, result }: Branch): object {
  if (result === undefined || result === ended || isLast(place, result)) return {}
  return { output: template(place, result) }
}

/** What a block with several lists gives is what the last step of each does: adds one where that is another value. */
export function settle(branches: readonly (Branch & { readonly id: string })[]): void {
  const gives = branches.some(({ result }) => result !== undefined && result !== ended)
  if (!gives) return
  for (const { place, result, id } of branches) {
    if (result === ended || isLast(place, result)) continue
    const last = place.steps.at(-1)
    if (result === undefined && (last === undefined || givesNothing(last))) continue
    place.state = 'open'
    addStep(place, lastStep(place, freeId(place, id), result), undefined)
    place.state = 'closed'
  }
}

/** Whether what a callback returned is what its last step gives. */
export function isLast({ steps }: Place, result: unknown): boolean {
  const last = steps.at(-1)
  return last !== undefined && stepIdOf(result) === last.id
}

// Names of values in a `set` are identifiers; an empty group can give any value, and nothing.
function lastStep(place: Place, id: string, result: unknown): Step {
  if (result === undefined) return { id, do: [] }
  const value = template(place, result)
  const isMap = isPlainObject(result) && Object.keys(result).every((key) => /^[A-Za-z]\w{0,63}$/.test(key))
  return isMap ? { id, set: value as Readonly<Record<string, never>> } : { id, do: [], output: value }
}

function givesNothing(step: Step): boolean {
  if ('exec' in step || 'run' in step) return step.output === undefined
  return ['assert', 'sleep', 'sleepUntil', 'emit', 'return', 'fail'].some((verb) => verb in step)
}
