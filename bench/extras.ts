import type { MeasureOptions } from './task.ts'

/** What is measured of Segno alone, or of one storage of it: modules of `measures/`, each in a process of its own, in one place. */
export interface ExtraMeasurement {
  readonly workload: string
  readonly subject: string
  readonly parts: readonly { readonly module: string; readonly options: MeasureOptions }[]
  /** Once in a session: it takes long, or repeats by itself. */
  readonly once: boolean
  readonly limitMs?: number
}

/** All of them. */
export const extraMeasurements: readonly ExtraMeasurement[] = []
