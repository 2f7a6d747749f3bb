import { leadingVerbs, type StepKind } from '../definition.ts'
import { isForeignVerb } from '../diagnostic/foreign-keys.ts'
import { suggest } from '../diagnostic/suggest.ts'
import { valueText } from '../diagnostic/value-text.ts'

/** A step without a verb, or with more than one; `params` are for those who mend it. */
export interface VerbMistake {
  readonly mistake: 'NO_VERB' | 'TWO_VERBS' | 'INVALID_VALUE'
  readonly message: string
  readonly params?: { readonly key: string; readonly allowed: readonly string[] }
}

/** Which verb the keys of a step name. */
export function verbOf(step: unknown): { readonly kind: StepKind } | VerbMistake {
  if (typeof step !== 'object' || step === null || Array.isArray(step)) {
    return { mistake: 'INVALID_VALUE', message: `expected a step, got ${valueText(step)}` }
  }
  const verbs = namedVerbs(step)
  const [verb] = verbs
  if (verb !== undefined && verbs.length === 1) return { kind: verb }
  if (verb === undefined) return noVerb(step)
  const names = verbs.map((name) => `"${name}"`).join(' and ')
  return { mistake: 'TWO_VERBS', message: `a step has one verb, this one has ${names}` }
}

// `do` is the body of `forEach` and `repeat` and only otherwise a verb; with
// `if` beside it, the verb is `if`.
function namedVerbs(step: object): StepKind[] {
  const verbs: StepKind[] = leadingVerbs.filter((verb) => Object.hasOwn(step, verb))
  if (!Object.hasOwn(step, 'do') || verbs.includes('forEach') || verbs.includes('repeat')) return verbs
  return [...verbs, verbs.length === 0 && Object.hasOwn(step, 'if') ? 'if' : 'do']
}

function noVerb(step: object): VerbMistake {
  const allowed = [...leadingVerbs, 'do']
  const keys = Object.keys(step).filter((name) => !name.startsWith('x-'))
  const misspelt = keys.find((name) => !modifiers.has(name) && suggest(name, allowed) !== undefined)
  const key = misspelt ?? keys.find(isForeignVerb)
  if (key !== undefined) return { mistake: 'NO_VERB', message: 'the step has no verb', params: { key, allowed } }
  const message = Object.hasOwn(step, 'if') ? 'the step has no verb: "if" alone needs a "do"' : 'the step has no verb'
  return { mistake: 'NO_VERB', message }
}

// All keys of steps that are no verbs.
const modifiers: ReadonlySet<string> = new Set([
  ...(['id', 'title', 'description', 'if', 'needs', 'labels', 'timeout', 'onFailure', 'undo', 'retry'] as const),
  ...(['secrets', 'budget', 'env', 'workspace', 'output', 'effect', 'idempotencyKey', 'queue', 'check'] as const),
  ...([
    'produces',
    'consumes',
    'with',
    'shell',
    'prompt',
    'session',
    'candidates',
    'judge',
    'wait',
    'detached',
  ] as const),
  ...(['message', 'else', 'cases', 'default', 'concurrency', 'join', 'failFast', 'onExhausted'] as const),
  ...(['catch', 'finally', 'initial', 'max'] as const),
])
