/**
 * What an editor asks of a text while it is being written: its expressions and
 * the names that they see, how the text of a scalar stands in the file, and what
 * may be a name. Brings the YAML parser and zod.
 *
 * @module
 */
export { leadingVerbs, type StepKind } from '../definition.ts'
export { identifierPattern, keywords, reservedWords } from '../document/identifier.ts'
export { functionNames } from './function-names.ts'
export { expressionsIn, namesSeenAt, type SeenNames, type WrittenExpression } from './expressions-in.ts'
// The library that schema parses with, in the one copy that is loaded.
export { isMap, isScalar, isSeq, parseDocument, type ParsedNode, type Scalar } from 'yaml'
export { sourceOffsets } from '../parse/scalar.ts'
export { importPath } from '../load/import-path.ts'
export { typesIn, type KnownType, type KnownTypeField, type MacroVariable, type TypedPlace } from './types-in.ts'
