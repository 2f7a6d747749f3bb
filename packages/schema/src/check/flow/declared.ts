import type { Json } from '../../json.ts'
import type { Environment } from '../../type/environment.ts'
import type { Flow } from './flow.ts'
import { nothingGiven, type Given } from './step-type.ts'

/** What a block gives that declares it: as seen from its end. */
export function declared(flow: Flow, pointer: string, output: Json | undefined, end: Environment): Given | undefined {
  if (output === undefined) return undefined
  if (!end.isPossible) return nothingGiven
  return { type: flow.template(`${pointer}/output`, output, end), isOptional: false }
}
