/**
 * What an engine needs to run a checked plan: the types, expressions, canonical
 * JSON and JSON Schema validation. Free of zod and of the YAML parser, so that
 * a host that runs checked plans does not load them.
 *
 * @module
 */
export { diffDefinitions, type DefinitionDiff, type StepChange } from '../diff/diff-definitions.ts'
export { diffValues, type ValueChange } from '../diff/diff-values.ts'
export type * from '../agent.ts'
export type * from '../definition.ts'
export { httpMethods, kindOf, processVerbs, reservedHandlers, scriptShells } from '../definition.ts'
export type * from '../diagnostic/diagnostic.ts'
export type * from '../event.ts'
export * from '../failure.ts'
export * from '../json.ts'
export { ExpressionError } from '../expression/expression.ts'
export type {
  Expression,
  Reference,
  Scope,
  StepView,
  SyntaxMistake,
  Template,
  TemplateReference,
} from '../expression/expression.ts'
export { parseExpression } from '../expression/parse.ts'
export type { ParsedExpression } from '../expression/parse.ts'
export { parseTemplate, stripMarks } from '../expression/template.ts'
export type { ParsedTemplate, TemplateMistake } from '../expression/template.ts'
export { canonicalJson, planHash, sha256Hex } from './canonical.ts'
export { formatDuration, parseDuration } from './duration.ts'
export { hasLiteralHost } from './literal-host.ts'
export { parseInstant } from './instant.ts'
export { resolveInputs } from './inputs.ts'
export type { InputProblem } from './inputs.ts'
export { validateJson } from './json-schema.ts'
export type { Misfit } from './json-schema.ts'
export { normalise } from './normalise.ts'
export { requiredPaths, requiresFiles, type RequiredPath } from './required-paths.ts'
export { secretSlots, type SecretPart, type SecretSlot } from './secret-slots.ts'
export { parseSize } from './size.ts'
