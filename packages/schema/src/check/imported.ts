import type { Definition } from '../definition.ts'

/** A workflow that another one imports, as far as the other has to know it. */
export interface Imported {
  readonly definition: Definition
  readonly imports: Imports
}

/** By the names that `call` and `start` use; without those that could not be read. */
export type Imports = ReadonlyMap<string, Imported>
