import { mistakesOf } from './check/check.ts'
import type { Definition } from './definition.ts'
import type { Diagnostic } from './diagnostic/diagnostic.ts'
import { byPlace } from './diagnostic/by-place.ts'
import { diagnosticOf, type Mistake } from './diagnostic/mistake.ts'
import type { Mended } from './parse/mend.ts'
import { readPlain } from './parse/plain.ts'
import type { SourceMap } from './parse/source-map.ts'
import { readWorkflow } from './parse/workflow.ts'
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
  /**
   * The names of the handlers that the host has, with `exec` and `run` where it has a shell; without them, `uses`,
   * `exec` and `run` are not checked.
   */
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
  const { mended, sourceMap, diagnostics: read } = readWorkflow(text, file)
  const checked = mistakesIn(mended, handlers).map((mistake) => diagnosticOf(mistake, { sourceMap, file }))
  const diagnostics = [...read, ...checked].toSorted(byPlace)
  const loaded = loadedFrom(mended, diagnostics)
  return loaded ? { workflow: { ...loaded, sourceMap }, diagnostics } : { diagnostics }
}

/**
 * Checks a plain object from code and normalises it, as `loadWorkflow` does with
 * a text. Diagnostics have pointers, and no places.
 */
export function loadDefinition(
  value: unknown,
  { handlers }: Pick<LoadOptions, 'handlers'> = {},
): { readonly workflow?: Omit<Workflow, 'sourceMap'>; readonly diagnostics: readonly Diagnostic[] } {
  const { mended, mistakes } = readPlain(value)
  const diagnostics = [...mistakes, ...mistakesIn(mended, handlers)].map((mistake) => diagnosticOf(mistake, {}))
  const workflow = loadedFrom(mended, diagnostics)
  return { ...(workflow && { workflow }), diagnostics }
}

// What was put right to look further is not what the author wrote, and neither is what follows from it.
function mistakesIn(mended: Mended | undefined, handlers: LoadOptions['handlers']): Mistake[] {
  if (mended?.definition === undefined) return []
  return mistakesOf(mended.definition, handlers)
    .map((mistake) => mended.genuine(mistake))
    .filter((mistake) => mistake !== undefined)
}

function loadedFrom(
  mended: Mended | undefined,
  diagnostics: readonly Diagnostic[],
): Omit<Workflow, 'sourceMap'> | undefined {
  if (mended?.definition === undefined || diagnostics.some(({ severity }) => severity === 'error')) return undefined
  const definition = normalise(mended.definition)
  return { definition, hash: planHash(definition) }
}
