import { booleanType, numberType, textType, type Type } from './type.ts'

/** What becomes text by itself, in the middle of one, as an argument and as a variable. */
export const scalarType: Type = { kind: 'union', members: [textType, numberType, booleanType] }
