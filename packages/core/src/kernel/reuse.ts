import { sha256Hex } from '@segno/schema/plan'
import type { Json, ReusedStep, RunEvent, StepPath } from '@segno/schema/plan'
import type { Deciding } from './deciding.ts'
import { emit } from './deciding.ts'
import { Held } from './kept.ts'
import { NoValue } from './scope.ts'

/** What a forked run does not do again, by path. */
export type Reusable = Readonly<Record<StepPath, ReusedStep>>

/**
 * Completes the step at `path` with what it gave in the run that this one was
 * forked from. False where that run has nothing for it: the step was not
 * completed there, or had another input.
 */
export function reuse(deciding: Deciding, path: StepPath, input?: Json): boolean | NoValue {
  const { reuse: kept } = deciding.state
  if (kept === undefined) return false
  const known = kept instanceof Held ? deciding.loaded.get(kept.ref.sha256) : kept
  if (known === undefined) return new NoValue(undefined, kept instanceof Held ? [kept.ref] : [])
  const reusable = known as unknown as Reusable
  const found = Object.hasOwn(reusable, path) ? reusable[path] : undefined
  if (found === undefined || found.input !== (input === undefined ? undefined : hashOf(input))) return false
  const { output, outputBlob, exitCode } = found
  emit(deciding, 'step.completed', {
    path,
    ...(output === undefined ? {} : { output }),
    ...(outputBlob === undefined ? {} : { outputBlob }),
    ...(exitCode === undefined ? {} : { exitCode }),
    reused: true,
  })
  return true
}

/** Gathers from a journal, event by event, what a fork of its run need not do again: work and waits that completed. */
export class ReusableSteps {
  readonly #inputs = new Map<StepPath, string>()
  readonly #waits = new Set<StepPath>()
  readonly steps: Record<StepPath, ReusedStep> = {}

  add(event: RunEvent): void {
    switch (event.type) {
      case 'attempt.started':
        // Later attempts have the input of the first.
        if (event.inputBlob !== undefined) this.#inputs.set(event.path, event.inputBlob.sha256)
        else if (event.input !== undefined) this.#inputs.set(event.path, hashOf(event.input))
        return
      case 'step.started':
        if (event.signal !== undefined) this.#waits.add(event.path)
        return
      case 'timer.set':
        if (event.purpose === 'sleep') this.#waits.add(event.path)
        return
      case 'step.completed': {
        const { path, output, outputBlob, exitCode } = event
        const input = this.#inputs.get(path)
        if (input === undefined && !this.#waits.has(path)) return
        this.steps[path] = {
          ...(input === undefined ? {} : { input }),
          ...(output === undefined ? {} : { output }),
          ...(outputBlob === undefined ? {} : { outputBlob }),
          ...(exitCode === undefined ? {} : { exitCode }),
        }
        return
      }
      default:
    }
  }
}

// The same value gives the same text: it comes from the same template, and the journal keeps the order of keys.
function hashOf(input: Json): string {
  return sha256Hex(JSON.stringify(input))
}
