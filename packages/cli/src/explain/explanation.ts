import { suggest } from '@segno/schema'
import codes from './codes.generated.json' with { type: 'json' }
import { examples, type Example } from './examples.ts'

/** Which road a code takes: see `docs/09-errors.md`. */
export type CodeKind = 'diagnostic' | 'failure' | 'error' | 'storage fault' | 'command'

/** What there is to say about a code. */
export interface Explanation {
  readonly code: string
  readonly kind: CodeKind
  /** Of a diagnostic. */
  readonly severity?: 'error' | 'warning'
  readonly means: string
  readonly why?: string
  readonly what: string
  /** Where the documentation has it. */
  readonly docUrl: string
  readonly example?: Example
}

/** The explanations of all codes, as `docs/09-errors.md` has them, in its order. */
export const explanations: readonly Explanation[] = (codes as readonly Explanation[]).map((explanation) => {
  const example = explanation.kind === 'diagnostic' ? examples.get(explanation.code) : undefined
  return { ...explanation, ...(example && { example }) }
})

/** The explanations of a code, whatever its case; several roads may have one code. */
export function explanationsOf(code: string): readonly Explanation[] {
  return explanations.filter((explanation) => explanation.code === plainCode(code))
}

/** The explanation of a code on one road. */
export function explanationOf(code: string, kind: CodeKind): Explanation | undefined {
  return explanationsOf(code).find((explanation) => explanation.kind === kind)
}

/** The code that is meant by a misspelt one. */
export function nearestCode(code: string): string | undefined {
  return suggest(plainCode(code), new Set(explanations.map((explanation) => explanation.code)))
}

// `unknown-step` and `error[UNKNOWN_STEP]` are what people copy and type.
function plainCode(code: string): string {
  return code
    .replace(/^(?:error|warning)\[(.*)\]$/i, '$1')
    .toUpperCase()
    .replaceAll('-', '_')
}
