import type { Range, SourceMap } from '@segno/schema'
import type { StepProgress } from '../progress/progress.ts'

/** Where the definition of a run is written. */
export interface SourceText {
  /** As messages tell it. */
  readonly file: string
  readonly text: string
  readonly sourceMap: SourceMap
}

/** The place of a step in its file: of its id where it says one. */
export function placeOfStep(step: StepProgress, { sourceMap }: SourceText): Range | undefined {
  const { declared } = step
  return declared === undefined ? undefined : sourceMap.value(`${declared.pointer}/id`)
}
