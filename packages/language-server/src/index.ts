/**
 * What an editor shows of a workflow while it is written: completions, hovers,
 * definitions, references, renames, the outline and fixes, each from a text and
 * an offset. Without protocol, files and timers, so that it runs in a browser
 * too; the command `segno-language-server` puts it behind a protocol.
 *
 * @module
 */
export { completionsAt } from './completions.ts'
export { definitionsAt, type FilePlace } from './definitions.ts'
export { hoverAt } from './hovers.ts'
export { outlineOf } from './outline.ts'
export { problemOf, type FileLinks } from './problems.ts'
export { fixAllKind, fixesAt, type ToldProblem } from './quick-fixes.ts'
export { highlightsAt, referencesAt } from './references.ts'
export { renameableAt, renameAt, type RenameRefusal } from './rename.ts'
export type { WorkflowContext } from './workflow-context.ts'
