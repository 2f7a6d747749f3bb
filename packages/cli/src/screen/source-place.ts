import type { Range, SourceMap } from '@segno/schema'
import type { StepProgress } from '../progress/progress.ts'

/** Where the definition of a run is written. */
export interface SourceText {
  /** As messages tell it. */
  readonly file: string
  readonly text: string
  readonly sourceMap: SourceMap
  /** The file of a workflow that it imports, by the JSON Pointer of that one, as far as it is known. */
  readonly imported?: (pointer: string) => SourceText | undefined
}

/** A place in a file. */
export interface SourcePlace {
  readonly source: SourceText
  readonly range: Range
}

/**
 * The place of a step in its file: of its id where it says one. Of a step in a
 * called workflow whose file is not known, it is the place of the call.
 */
export function placeOfStep(step: StepProgress, source: SourceText | undefined): SourcePlace | undefined {
  if (source === undefined) return undefined
  for (let one: StepProgress | undefined = step; one !== undefined; one = one.parent) {
    const place = one.declared && placeAt(one.declared.pointer, source)
    if (place !== undefined) return place
  }
  return undefined
}

function placeAt(pointer: string, source: SourceText): SourcePlace | undefined {
  const [unit] = /^(?:\/imports\/[^/]+)*/.exec(pointer) ?? ['']
  if (unit === '' || source.sourceMap.key(`${unit}/steps`) !== undefined) {
    return { source, range: source.sourceMap.value(`${pointer}/id`) }
  }
  const imported = source.imported?.(unit)
  return imported && { source: imported, range: imported.sourceMap.value(`${pointer.slice(unit.length)}/id`) }
}
