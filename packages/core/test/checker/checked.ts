import { loadDefinition } from '@segno/schema/load'
import type { Definition, Diagnostic } from '@segno/schema/plan'
import { Run } from './run.ts'
import { NoSuchValue } from './shape.ts'
import { hostVerbs, type HandlerFace } from './well-typed.fixture.ts'

/** What the checker says of a definition, and the definition itself where it says no error. */
export interface Checked {
  readonly definition: Definition | undefined
  readonly errors: readonly Diagnostic[]
}

/** Checks a definition; where it has to be typed, a value of which nothing is known is an error. */
export function checked(definition: unknown, handlers: readonly HandlerFace[], isTyped: boolean): Checked {
  const { workflow, diagnostics } = loadDefinition(definition, {
    handlers: [...handlers, ...hostVerbs],
    typed: isTyped,
  })
  return { definition: workflow?.definition, errors: diagnostics.filter(({ severity }) => severity === 'error') }
}

/** What goes wrong in so many runs of it, each with other outcomes, that a check rules out. */
export function problemsIn(
  definition: Definition,
  handlers: readonly HandlerFace[],
  { seed, runs }: { readonly seed: number; readonly runs: number },
): readonly string[] {
  for (let run = 0; run < runs; run++) {
    const problems = problemsOfRun(definition, handlers, seed + run)
    if (problems.length > 0) return problems
  }
  return []
}

// A workflow whose input nothing fits is never run.
function problemsOfRun(definition: Definition, handlers: readonly HandlerFace[], seed: number): readonly string[] {
  try {
    return new Run(definition, handlers, seed).play()
  } catch (error) {
    if (error instanceof NoSuchValue) return []
    throw error
  }
}
