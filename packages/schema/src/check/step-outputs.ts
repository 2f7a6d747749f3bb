import { kindOf, type Step } from '../definition.ts'
import type { Mistake } from '../diagnostic/mistake.ts'

/** What is wrong with a reference, without its place; `name` is which of its names, 0 for the root. */
export type FieldMistake = Omit<Mistake, 'pointer' | 'at'> & {
  readonly name: number
  /** Whether it is only a warning where the expression asks with `has()` whether the step gave something. */
  readonly isExcused?: boolean | undefined
}

/** What is wrong with reading the output of a step that never has one. */
export function withoutOutput(step: Step): FieldMistake | undefined {
  if (('exec' in step || 'run' in step) && !step.output) {
    const message = `"${step.id}" gives no output, since it declares none`
    return { code: 'OUTPUT_NOT_DECLARED', message, hint: 'add output: { from: stdout } to it', name: 2 }
  }
  const kind = kindOf(step)
  if (!kinds.has(kind)) return undefined
  const message = `"${step.id}" gives no output: "${kind}" has none`
  return { code: 'OUTPUT_NOT_DECLARED', message, name: 2, isExcused: true }
}

const kinds: ReadonlySet<string> = new Set(['sleep', 'sleepUntil', 'emit', 'assert'])
