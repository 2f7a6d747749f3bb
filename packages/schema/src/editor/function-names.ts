import { functions } from '../expression/functions.ts'
import { macroNames } from '../expression/macros.ts'

/** All that can be called in an expression: functions, methods, macros and `has`. */
export const functionNames: readonly string[] = [...functions.keys(), ...macroNames, 'has']
