import type { Definition } from '../definition.ts'
import type { Diagnostic } from '../diagnostic/diagnostic.ts'
import { diagnosticOf, mistakeInside, type Mistake, type Source } from '../diagnostic/mistake.ts'
import { byPlace } from '../diagnostic/by-place.ts'
import { pointerPart } from '../json.ts'
import { checkAgents } from './agents.ts'
import { checkBlocks } from './blocks.ts'
import { checkCalls } from './calls.ts'
import { checkDefaults } from './defaults.ts'
import { checkEffects } from './effects.ts'
import { checkEnds } from './ends.ts'
import { checkFlow, type FlowOptions } from './flow/flow.ts'
import { facesOf, type HandlerFace } from './flow/outputs.ts'
import { checkHandlers } from './handlers.ts'
import type { Imported, Imports } from './imported.ts'
import { checkNames } from './names.ts'
import { checkNeeds } from './needs.ts'
import { checkPaths } from './paths.ts'
import { checkProcesses } from './processes.ts'
import { checkReferences } from './references.ts'
import { checkSchedules } from './schedules.ts'
import { checkSchemas } from './schemas.ts'
import { checkSecrets } from './secrets.ts'
import { checkStates } from './states.ts'
import { checkSupport } from './support.ts'
import { checkUndos } from './undos.ts'
import { checkWaits } from './waits.ts'
import { walkedOnce } from './walk.ts'

/** What a definition is checked against, and where it comes from. */
export interface CheckOptions extends Source {
  /**
   * The handlers that the host has, by name, as `name@major` or with what they take and give, and the names of the verbs
   * that it performs: `exec` and `run` where it has a shell, `http`, `watch`. Without them, it is not checked what the
   * host can do.
   */
  readonly handlers?: Iterable<string | HandlerFace> | undefined
  /** Whether a value of which nothing is known before the run may not be read: what passes then cannot fail for its type. */
  readonly typed?: boolean | undefined
}

/**
 * All that is wrong with a closed definition of the right shape, before anything
 * runs. With the source map of the very text that gave the definition, each
 * mistake has its place in it.
 */
export function checkDefinition(
  definition: Definition,
  { handlers, typed, ...source }: CheckOptions = {},
): Diagnostic[] {
  return closedMistakes(importedOf(definition, new Map()), '', {
    handlers: handlers && facesOf(handlers),
    isTyped: typed === true,
    seen: new Set(),
  })
    .map((mistake) => diagnosticOf(mistake, source))
    .toSorted(byPlace)
}

/** What the mistakes of one document depend on beside itself. */
export interface CheckContext {
  readonly handlers: ReadonlyMap<string, HandlerFace> | undefined
  readonly imports: Imports
  readonly isTyped: boolean
  /** Pointers to what of the document is not as its author wrote it; none unless given. */
  readonly doubts?: readonly string[]
  readonly onExpression?: FlowOptions['onExpression']
}

/** All that is wrong with a definition of the right shape, without what it imports, by its place in it. */
export function mistakesOf(definition: Definition, context: CheckContext): Mistake[] {
  return walkedOnce(definition, () => mistakesIn(definition, context))
}

function mistakesIn(definition: Definition, context: CheckContext): Mistake[] {
  const { handlers, imports, ...options } = context
  const mistakes = [
    ...checkNames(definition),
    ...checkReferences(definition),
    ...checkNeeds(definition),
    ...checkBlocks(definition),
    ...checkStates(definition),
    ...checkEnds(definition),
    ...checkEffects(definition, imports),
    ...checkWaits(definition),
    ...checkPaths(definition),
    ...checkProcesses(definition),
    ...checkSecrets(definition),
    ...checkCalls(definition, imports),
    ...checkSchedules(definition),
    ...checkDefaults(definition),
    ...checkSchemas(definition, { handlers: handlers ?? new Map(), imports }, context.doubts),
    ...checkUndos(definition),
    ...checkAgents(definition),
    ...(handlers ? [...checkHandlers(definition, handlers), ...checkSupport(definition)] : []),
  ]
  const flow = checkFlow(definition, { handlers: handlers ?? new Map(), imports }, options)
  return [...mistakes, ...notToldBy(mistakes, flow)]
}

// What means nothing has no type either.
function notToldBy(told: readonly Mistake[], mistakes: readonly Mistake[]): Mistake[] {
  const places = new Set(told.map(placeText))
  return mistakes.filter((mistake) => !places.has(placeText(mistake)))
}

function placeText({ pointer, at }: Mistake): string {
  return `${pointer} ${typeof at === 'object' ? at.start : ''}`
}

/** What stands at the path of an import, where nobody looks for it. */
export function notClosed(path: string, pointer: string): Mistake {
  const message = `there is no workflow at "${path}": no files are read here`
  return { code: 'IMPORT_NOT_FOUND', message, hint: 'give the workflow itself, or "read"', pointer }
}

function closedMistakes(
  { definition, imports }: Imported,
  pointer: string,
  context: Pick<CheckContext, 'handlers' | 'isTyped'> & { readonly seen: Set<Imported> },
): Mistake[] {
  const open = Object.entries(definition.imports ?? {}).flatMap(([name, path]) =>
    typeof path === 'string' ? [notClosed(path, `/imports${pointerPart(name)}`)] : [],
  )
  const own = [...open, ...mistakesOf(definition, { ...context, imports })].map((found) =>
    mistakeInside(found, pointer),
  )
  const inside = [...imports].flatMap(([name, imported]) => {
    if (context.seen.has(imported)) return []
    context.seen.add(imported)
    return closedMistakes(imported, `${pointer}/imports${pointerPart(name)}`, context)
  })
  return [...own, ...inside]
}

// One object may be imported from several places.
function importedOf(definition: Definition, known: Map<Definition, Imported>): Imported {
  const imports = new Map<string, Imported>()
  const imported = known.get(definition) ?? { definition, imports }
  if (known.has(definition)) return imported
  known.set(definition, imported)
  for (const [name, inner] of Object.entries(definition.imports ?? {})) {
    if (typeof inner !== 'string') imports.set(name, importedOf(inner, known))
  }
  return imported
}
