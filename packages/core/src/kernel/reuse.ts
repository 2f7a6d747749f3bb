import { sha256Hex } from '@segno/schema/plan'
import type { BlobRef, Json, ReusedStep, RunEvent, StepPath } from '@segno/schema/plan'
import { completeStep } from './complete.ts'
import type { Occurrence } from './complete.ts'
import type { Deciding } from './deciding.ts'
import { loadedValue } from './deciding.ts'
import { NoValue } from './scope.ts'

/** What a forked run does not do again, by path. */
export type Reusable = Readonly<Record<StepPath, ReusedStep>>

/**
 * Completes the step at `path` with what it gave in the run that this one was
 * forked from. Says what is needed first, where that is not at hand; false where
 * that run has nothing for it: the step was not completed there, or had another input.
 */
export function reuse(deciding: Deciding, step: Occurrence, hash?: () => string): NoValue | undefined | false {
  const found = reusableAt(deciding, step.path)
  if (found instanceof NoValue) return found
  return found !== undefined && found.input === hash?.() && complete(deciding, step, found)
}

/** Completes a step with what whoever forked the run has put in the place of what it gives. False where they have not. */
export function reuseEdited(deciding: Deciding, step: Occurrence): NoValue | undefined | false {
  const found = reusableAt(deciding, step.path)
  if (found instanceof NoValue) return found
  return found?.edited === true && complete(deciding, step, found)
}

function reusableAt(deciding: Deciding, path: StepPath): ReusedStep | undefined | NoValue {
  const { reuse: kept } = deciding.state
  if (kept === undefined) return undefined
  const known = loadedValue(deciding, kept)
  if (known instanceof NoValue) return known
  const reusable = known as unknown as Reusable
  return Object.hasOwn(reusable, path) ? reusable[path] : undefined
}

function complete(
  deciding: Deciding,
  step: Occurrence,
  { output, outputBlob, exitCode }: ReusedStep,
): NoValue | undefined {
  return completeStep(deciding, step, {
    ...(output === undefined ? {} : { output }),
    ...(outputBlob === undefined ? {} : { outputBlob }),
    ...(exitCode === undefined ? {} : { exitCode }),
    reused: true,
  })
}

/** Gathers from a journal, event by event, what a fork of its run need not do again: work and waits that completed. */
export class ReusableSteps {
  readonly #inputs = new Map<StepPath, string>()
  readonly #waits = new Set<StepPath>()
  readonly steps: Record<StepPath, ReusedStep> = {}

  add(event: RunEvent): void {
    if ('path' in event && event.path !== undefined) this.#takenBack(event.path)
    switch (event.type) {
      case 'attempt.started':
        // Later attempts have the input of the first.
        this.#given(event.path, event.input, event.inputBlob)
        return
      case 'step.started':
        if (event.signal !== undefined) this.#waits.add(event.path)
        if (event.child !== undefined) this.#given(event.path, event.input, event.inputBlob)
        return
      case 'task.asked':
        // Who answered has seen what is shown: another question is asked again.
        this.#inputs.set(event.path, event.hash)
        return
      case 'timer.set':
        if (event.purpose === 'sleep') this.#waits.add(event.path)
        return
      case 'step.completed': {
        const { path, output, outputBlob, exitCode } = event
        const input = this.#inputs.get(path)
        if ((input === undefined && !this.#waits.has(path)) || path.includes('.undo')) return
        // What an operator has had done again goes by the name of the step in the run that is forked.
        this.steps[nameOf(path)] = {
          ...(input === undefined ? {} : { input }),
          ...(output === undefined ? {} : { output }),
          ...(outputBlob === undefined ? {} : { outputBlob }),
          ...(exitCode === undefined ? {} : { exitCode }),
        }
        return
      }
      case 'operator.acted':
        for (const path of event.again ?? []) this.#forget(path)
        return
      default:
    }
  }

  // What was taken back, or begun to be, has to be done again.
  #takenBack(path: StepPath): void {
    const [, done] = /^(.*?)\.undo(?:~\d+)?(?:\/|$)/.exec(path) ?? []
    if (done !== undefined) this.#forget(done)
  }

  // In all its attempts, with all that is inside.
  #forget(path: StepPath): void {
    const done = nameOf(path)
    for (const known of Object.keys(this.steps)) {
      if (known.startsWith(done) && /^(?:$|[/[~])/.test(known.slice(done.length))) delete this.steps[known]
    }
  }

  #given(path: StepPath, input: Json | undefined, blob: BlobRef | undefined): void {
    if (blob !== undefined) this.#inputs.set(path, blob.sha256)
    else if (input !== undefined) this.#inputs.set(path, hashOf(input))
  }
}

function nameOf(path: StepPath): StepPath {
  return path.replace(/~\d+$/, '')
}

/** The name of an input. The same value gives the same text: it comes from the same template, and the journal keeps the order of keys. */
export function hashOf(input: Json): string {
  return sha256Hex(JSON.stringify(input))
}
