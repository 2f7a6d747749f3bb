import type { Definition } from './definition.ts'
import type { HandlerFace } from './check/flow/outputs.ts'
import type { Diagnostic } from './diagnostic/diagnostic.ts'
import { diagnosticOf } from './diagnostic/mistake.ts'
import { closedDefinition, Documents, type Document, type ReadImport } from './load/documents.ts'
import { readPlain } from './parse/plain.ts'
import type { SourceMap } from './parse/source-map.ts'
import { readWorkflow } from './parse/workflow.ts'
import { planHash } from './plan/canonical.ts'

/** A checked definition, its name, and where its nodes stand in the text. */
export interface Workflow {
  /** Normalised, and closed: what it imports stands in it, in the place of paths. */
  readonly definition: Definition
  readonly hash: string
  /** Of the text itself, without what it imports. */
  readonly sourceMap: SourceMap
}

/** What a text is checked against. */
export interface LoadOptions {
  /** The name that diagnostics tell, and the path from which those of imports go on. */
  readonly file?: string
  /**
   * The handlers that the host has, by name, as `name@major` or with what they take and give, and the names of the verbs
   * that it performs: `exec` and `run` where it has a shell, `http`, `watch`. Without them, it is not checked what the
   * host can do.
   */
  readonly handlers?: Iterable<string | HandlerFace>
  /** Whether a value of which nothing is known before the run may not be read: what passes then cannot fail for its type. */
  readonly typed?: boolean
  /** Gives the texts of what is imported; without it, no path is followed. */
  readonly read?: ReadImport
}

/** What became of a text. */
export interface LoadedWorkflow {
  /** None where a diagnostic is an error. */
  readonly workflow?: Workflow
  /** Those of the text itself, then those of each imported file. */
  readonly diagnostics: readonly Diagnostic[]
  /** The texts of what was imported, by the `file` that diagnostics tell. */
  readonly files: ReadonlyMap<string, string>
}

/** What became of a plain object. */
export interface LoadedDefinition extends Omit<LoadedWorkflow, 'workflow'> {
  readonly workflow?: Omit<Workflow, 'sourceMap'>
}

/**
 * Reads a YAML or JSON text and all that it imports, checks it and normalises
 * it. There is a workflow unless a diagnostic is an error; warnings may stand
 * beside one.
 */
export function loadWorkflow(text: string, { file, ...options }: LoadOptions = {}): LoadedWorkflow {
  const { mended, sourceMap, diagnostics } = readWorkflow(text, file)
  const documents = new Documents(options)
  const loaded = documents.load({ mended, source: { file, sourceMap }, diagnostics })
  const { workflow, ...rest } = outcome(loaded, documents)
  return workflow ? { workflow: { ...workflow, sourceMap }, ...rest } : rest
}

/**
 * Checks a plain object from code and normalises it, as `loadWorkflow` does with
 * a text. A definition may stand in the place of an import. Diagnostics have
 * pointers, and no places, except those of files that are imported.
 */
export function loadDefinition(value: unknown, options: Omit<LoadOptions, 'file'> = {}): LoadedDefinition {
  const { mended, mistakes } = readPlain(value)
  const documents = new Documents(options)
  const diagnostics = mistakes.map((mistake) => diagnosticOf(mistake, {}))
  return outcome(documents.load({ mended, source: {}, diagnostics }), documents)
}

function outcome(
  {
    document,
    diagnostics: own,
  }: { readonly document?: Document | undefined; readonly diagnostics: readonly Diagnostic[] },
  documents: Documents,
): LoadedDefinition {
  const diagnostics = [...own, ...documents.diagnostics]
  const rest = { diagnostics, files: documents.texts }
  if (document === undefined || diagnostics.some(({ severity }) => severity === 'error')) return rest
  const definition = closedDefinition(document)
  return { workflow: { definition, hash: planHash(definition) }, ...rest }
}
