import {
  anyType,
  booleanType,
  durationType,
  integerType,
  listType,
  mapType,
  numberType,
  textType,
  timestampType,
  type Type,
} from './type.ts'
import { isTaken } from './operand.ts'
import { union } from './union.ts'

/** What a function of expressions takes and gives. */
export interface FunctionType {
  /** The types of its operands, the receiver of a method first. The last ones may be left out where the function allows that. */
  readonly operands: readonly Type[]
  /** The type of what it gives. The operands are taken. */
  result(operands: readonly Type[]): Type
  /**
   * Why it fails with these operands, whatever else they are. That a text does
   * not read as what a function makes of it is seen when it runs: what is in a
   * text is no type.
   */
  refuses?(operands: readonly Type[]): string | undefined
}

const texts = listType(textType)
const anyTime = union([timestampType, durationType])

/** The types of every function in `expression/functions.ts`. */
export const functionTypes: ReadonlyMap<string, FunctionType> = new Map<string, FunctionType>([
  ['size', giving(integerType, union([textType, listType(anyType), mapType({}, anyType)]))],
  ['int', giving(integerType, union([numberType, textType, timestampType]))],
  ['double', { operands: [union([numberType, textType])], result: ([found = anyType]) => doubleOf(found) }],
  ['string', giving(textType, union([textType, numberType, booleanType, timestampType, durationType]))],
  ['bool', giving(booleanType, union([booleanType, textType]))],
  ...['contains', 'startsWith', 'endsWith'].map((name) => [name, giving(booleanType, textType, textType)] as const),
  ['indexOf', giving(integerType, textType, textType)],
  ['split', { operands: [textType, textType], result: ([, separator = anyType]) => partsOf(separator) }],
  ...['lowerAscii', 'upperAscii', 'trim'].map((name) => [name, giving(textType, textType)] as const),
  ['replace', { ...giving(textType, textType, textType, textType), refuses: refusesReplace }],
  ['substring', giving(textType, textType, integerType, integerType)],
  ['join', giving(textType, texts, textType)],
  ['timestamp', giving(timestampType, union([textType, numberType, timestampType]))],
  ['duration', giving(durationType, union([textType, durationType]))],
  ...['getFullYear', 'getMonth', 'getDate', 'getDayOfMonth', 'getDayOfWeek', 'getDayOfYear'].map(
    (name) => [name, giving(integerType, timestampType)] as const,
  ),
  ...['getHours', 'getMinutes', 'getSeconds', 'getMilliseconds'].map(
    (name) => [name, giving(integerType, anyTime)] as const,
  ),
])

function giving(type: Type, ...operands: readonly Type[]): FunctionType {
  return { operands, result: () => type }
}

function doubleOf(found: Type): Type {
  return found.kind !== 'any' && isTaken(found, integerType) ? integerType : numberType
}

// Between separators there is at least one part, but of an empty text no characters.
function partsOf(separator: Type): Type {
  const isWritten = separator.kind === 'literal' && separator.value !== ''
  return isWritten ? listType(textType, [textType]) : texts
}

function refusesReplace([, part]: readonly Type[]): string | undefined {
  return part?.kind === 'literal' && part.value === '' ? 'an empty text cannot be replaced' : undefined
}
