import type { Masker } from '../ports/masker.ts'

/** The shortest value, and the shortest line of one, that can be masked. */
export const secretCharactersMin = 8

/** A masker that learns secrets as they are resolved. */
export interface SecretMasker extends Masker {
  /** Masks this value from now on. False where it is too short to be masked. */
  add(value: string): boolean
}

/** A masker that knows nothing yet. */
export declare function secretMasker(): SecretMasker
