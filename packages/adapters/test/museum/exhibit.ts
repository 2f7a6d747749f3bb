import type { MuseumWorld } from './museum-world.ts'

/** A bug that somebody else had, and what has to happen with us instead. */
export interface Exhibit {
  /** What holds with us, and the project and number that it was reported under. */
  readonly name: string
  show(world: MuseumWorld): Promise<void>
}
