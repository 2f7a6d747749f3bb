import type { Diagnostic } from './diagnostic.ts'

/** Orders diagnostics as the text goes; those without a place keep theirs. */
export function byPlace(a: Diagnostic, b: Diagnostic): number {
  return (a.range?.start.offset ?? 0) - (b.range?.start.offset ?? 0)
}
