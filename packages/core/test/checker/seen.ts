/** What a run of the generator has to have made, so that nothing is proved of nothing. */
export const constructs = [
  ...(['uses', 'exec', 'run', 'http', 'call', 'start', 'start without wait', 'set', 'assert'] as const),
  ...(['sleep', 'waitFor', 'waitFor with schema', 'waitFor with if', 'ask with choices', 'ask with form'] as const),
  ...(['watch', 'emit', 'do', 'if', 'else', 'match on enum', 'match on boolean', 'match on tag'] as const),
  ...(['match with default', 'parallel', 'needs', 'join any', 'join atLeast', 'failFast false', 'forEach'] as const),
  ...(['forEach with collect', 'repeat with until', 'repeat with while', 'repeat with memory', 'onExhausted'] as const),
  ...(['try', 'catch', 'catch with on', 'finally', 'states', 'states with signals', 'states with next'] as const),
  ...(['states with after', 'return', 'fail', 'undo', 'skipped step', 'onFailure continue', 'retry'] as const),
  ...(['workflow output', 'workflow finally', 'optional input', 'input with default', 'implicit output'] as const),
  ...(['text with values', 'literal', 'reading', 'timeout from a value'] as const),
] as const

/** Every kind of guard and of expression. */
export const expressionKinds = [
  ...(['guard: field', 'guard: element', 'guard: null', 'guard: tag', 'guard: ran', 'guard: failed'] as const),
  ...(['guard: error', 'guard: ok', 'guard by ?:', 'guard by &&', 'guard by ||', 'guard by block'] as const),
  ...(['guard by match', 'guard by has of the whole path', 'guard by macro', 'enum comparison', 'size'] as const),
  ...(['map', 'filter', 'exists', 'all', 'in', 'arithmetic', 'text function', 'conditional'] as const),
  ...(['list literal', 'map literal', 'conversion', 'equality', 'order'] as const),
] as const

/** Why steps may not have run where they are read under a guard. */
export const reasons = [
  ...(['its `if`', 'another branch', 'the failure of its `try`', 'a join that others met'] as const),
  ...(['no iteration', 'its own failure', 'another state', 'the end of the run', 'an unknown outcome'] as const),
] as const

export type Seen =
  (typeof constructs)[number] | (typeof expressionKinds)[number] | `reason: ${(typeof reasons)[number]}`

/** How often each of them came up. */
export class Coverage {
  readonly counts = new Map<Seen, number>()

  note(seen: Seen): void {
    this.counts.set(seen, (this.counts.get(seen) ?? 0) + 1)
  }

  /** What came up less often than that. */
  fewerThan(times: number): string[] {
    const all: Seen[] = [...constructs, ...expressionKinds, ...reasons.map((reason) => `reason: ${reason}` as const)]
    return all.filter((seen) => (this.counts.get(seen) ?? 0) < times)
  }
}
