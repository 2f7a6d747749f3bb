import type { Mistake } from './spoiler.ts'

/** What the checker has to say of a mistake. */
export interface Expectation {
  readonly codes: readonly string[]
  /**
   * Where: exactly `there`, in the text that was put in; the whole `value` that
   * it stands in; the `key` at the place; or somewhere `inside` of it.
   */
  readonly at: 'there' | 'value' | 'key'
  readonly severity?: 'warning'
  /** Whether it is one only where all has to be typed: there, nothing is known of what comes of any other mistake. */
  readonly isTyped?: boolean
  /** Whether more may follow from it. */
  readonly hasConsequences?: boolean
}

const unguarded: Expectation = { codes: ['MAYBE_MISSING'], at: 'there' }
// One that ran may still have given nothing.
const notRun: Expectation = { codes: ['STEP_MAY_NOT_HAVE_RUN', 'MAYBE_MISSING'], at: 'there' }
const outOfScope: Expectation = { codes: ['STEP_OUT_OF_SCOPE'], at: 'there' }
const mistyped: Expectation = { codes: ['TYPE_MISMATCH'], at: 'there' }
const operand: Expectation = { codes: ['WRONG_OPERAND'], at: 'there' }

/** Every kind of mistake that is made in definitions, and what is to be said of it. */
export const mistakes: Readonly<Record<Mistake, Expectation>> = {
  'a misspelt input': { codes: ['UNKNOWN_INPUT'], at: 'there' },
  'a misspelt step': { codes: ['UNKNOWN_STEP'], at: 'there' },
  'a misspelt field': { codes: ['UNKNOWN_FIELD'], at: 'there' },
  'an unknown variable': { codes: ['UNKNOWN_VARIABLE'], at: 'there' },
  'an unknown handler': { codes: ['UNKNOWN_HANDLER'], at: 'value', hasConsequences: true },
  'an unknown state': { codes: ['UNKNOWN_STATE'], at: 'value', hasConsequences: true },
  'a step that is inside': outOfScope,
  'a step that is around': outOfScope,
  'a step that is later': outOfScope,
  'a step that is a sibling': outOfScope,
  'no guard: field': unguarded,
  'no guard: element': unguarded,
  'no guard: tag': unguarded,
  'no guard: ok': unguarded,
  'no guard: null': { codes: ['MAYBE_NULL'], at: 'there' },
  'no guard: error': { codes: ['MAYBE_NULL'], at: 'there' },
  'no guard: failed': notRun,
  'a step read without a guard against its `if`': notRun,
  'a step read without a guard against another branch': notRun,
  'a step read without a guard against the failure of its `try`': notRun,
  'a step read without a guard against a join that others met': notRun,
  'a step read without a guard against no iteration': notRun,
  'a step read without a guard against its own failure': notRun,
  'a step read without a guard against another state': notRun,
  'a step read without a guard against the end of the run': notRun,
  'a step read without a guard against an unknown outcome': { ...notRun, isTyped: true },
  'a mistyped input of a handler': mistyped,
  'a mistyped input of a workflow': mistyped,
  'a mistyped output of the workflow': mistyped,
  'a condition that is no boolean': mistyped,
  'a loop over no list': mistyped,
  'null in a text': mistyped,
  'a list in a text': mistyped,
  'a list as an argument': mistyped,
  'an output that is not as `initial`': { codes: ['TYPE_MISMATCH'], at: 'key', hasConsequences: true },
  'an operator on other types': operand,
  'an order of other types': operand,
  'a function on another type': operand,
  'no value for an input of a handler': { codes: ['MISSING_INPUT'], at: 'key' },
  'no value for an input of a workflow': { codes: ['MISSING_INPUT'], at: 'key' },
  'an unknown input of a handler': { codes: ['UNKNOWN_INPUT'], at: 'key' },
  'an unknown input of a workflow': { codes: ['UNKNOWN_INPUT'], at: 'key' },
  'a return without an output': { codes: ['RETURN_OUTPUTS'], at: 'key' },
  'a case left out': { codes: ['MATCH_NOT_EXHAUSTIVE'], at: 'value', hasConsequences: true },
  'a case that cannot be': { codes: ['IMPOSSIBLE_COMPARISON'], at: 'key' },
  'a comparison that cannot hold': { codes: ['IMPOSSIBLE_COMPARISON'], at: 'there', hasConsequences: true },
  'needs that go in a circle': { codes: ['NEEDS_CYCLE'], at: 'value' },
  'a condition that is always true': { codes: ['CONSTANT_CONDITION'], at: 'value', severity: 'warning' },
  'a step after the end': { codes: ['UNREACHABLE_STEP'], at: 'value', severity: 'warning', hasConsequences: true },
  'an output of a process that has none': { codes: ['OUTPUT_NOT_DECLARED'], at: 'there' },
  'a value of which nothing is known': { codes: ['UNTYPED_VALUE'], at: 'there', isTyped: true },
}
