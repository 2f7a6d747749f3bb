import { checkDefinition } from './check/check.ts'
import type { Definition } from './definition.ts'
import type { Diagnostic } from './diagnostic/diagnostic.ts'
import { byPlace } from './diagnostic/by-place.ts'
import type { SourceMap } from './parse/source-map.ts'
import { parseWorkflow } from './parse/workflow.ts'
import { planHash } from './plan/canonical.ts'
import { normalise } from './plan/normalise.ts'

/** A checked definition, its name, and where its nodes stand in the text. */
export interface Workflow {
  /** Normalised. */
  readonly definition: Definition
  readonly hash: string
  readonly sourceMap: SourceMap
}

/** What a text is checked against. */
export interface LoadOptions {
  /** The name that diagnostics tell. */
  readonly file?: string
  /** The names of the handlers that the host has; without them, `uses` is not checked. */
  readonly handlers?: Iterable<string>
}

/**
 * Reads a YAML or JSON text, checks it and normalises it. There is a workflow
 * unless a diagnostic is an error; warnings may stand beside one.
 */
export function loadWorkflow(
  text: string,
  { file, handlers }: LoadOptions = {},
): { readonly workflow?: Workflow; readonly diagnostics: readonly Diagnostic[] } {
  const parsed = parseWorkflow(text, file === undefined ? {} : { file })
  if (!parsed.definition) return { diagnostics: parsed.diagnostics }
  const { sourceMap } = parsed
  const checked = checkDefinition(parsed.definition, { handlers, sourceMap, file })
  const diagnostics = [...parsed.diagnostics, ...checked].toSorted(byPlace)
  if (diagnostics.some(({ severity }) => severity === 'error')) return { diagnostics }
  const definition = normalise(parsed.definition)
  return { workflow: { definition, hash: planHash(definition), sourceMap }, diagnostics }
}
