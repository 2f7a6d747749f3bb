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
export function placeOfStep({ declared }: StepProgress, source: SourceText | undefined): Range | undefined {
  return declared === undefined ? undefined : source?.sourceMap.value(`${declared.pointer}/id`)
}
