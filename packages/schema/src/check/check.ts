import type { Definition } from '../definition.ts'
import type { Diagnostic } from '../diagnostic/diagnostic.ts'
import { diagnosticOf, type Mistake, type Source } from '../diagnostic/mistake.ts'
import { byPlace } from '../diagnostic/by-place.ts'
import { checkBlocks } from './blocks.ts'
import { checkEffects } from './effects.ts'
import { checkEnds } from './ends.ts'
import { checkHandlers } from './handlers.ts'
import { checkNames } from './names.ts'
import { checkNeeds } from './needs.ts'
import { checkPaths } from './paths.ts'
import { checkProcesses } from './processes.ts'
import { checkReferences } from './references.ts'
import { checkSecrets } from './secrets.ts'
import { checkWaits } from './waits.ts'

/** What a definition is checked against, and where it comes from. */
export interface CheckOptions extends Source {
  /**
   * The names of the handlers that the host has, with `exec` and `run` where it has a shell; without them, `uses`,
   * `exec` and `run` are not checked.
   */
  readonly handlers?: Iterable<string> | undefined
}

/**
 * All that is wrong with a definition of the right shape, before anything runs.
 * With the source map of the very text that gave the definition, each mistake
 * has its place in it.
 */
export function checkDefinition(definition: Definition, { handlers, ...source }: CheckOptions = {}): Diagnostic[] {
  return mistakesOf(definition, handlers)
    .map((mistake) => diagnosticOf(mistake, source))
    .toSorted(byPlace)
}

/** All that is wrong with a definition of the right shape, by its place in it. */
export function mistakesOf(definition: Definition, handlers: CheckOptions['handlers']): Mistake[] {
  return [
    ...checkNames(definition),
    ...checkReferences(definition),
    ...checkNeeds(definition),
    ...checkBlocks(definition),
    ...checkEnds(definition),
    ...checkEffects(definition),
    ...checkWaits(definition),
    ...checkPaths(definition),
    ...checkProcesses(definition),
    ...checkSecrets(definition),
    ...(handlers ? checkHandlers(definition, handlers) : []),
  ]
}
