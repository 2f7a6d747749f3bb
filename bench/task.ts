/** What is measured, by name. A figure whose name ends in `PerSecond` is better when it is more, any other when it is less. */
export type Figures = Readonly<Record<string, number>>

/** How much work a session does. */
export interface Sizes {
  /** Rounds of everything that is measured of every subject. */
  readonly rounds: number
  /** Runs of W1, and for how long they may go on: who is slow is measured by fewer. */
  readonly runs: number
  readonly boxMs: number
  readonly fanSteps: number
  readonly longSteps: number
  readonly resumeSteps: number
  /** Runs that sleep in W6; in files, where each has a file of its own, a tenth. */
  readonly sleepers: number
  /** Events of the run that is resumed cold. */
  readonly coldEvents: number
  /** Steps of the long run that keeps only its tail. */
  readonly tailSteps: number
  /** How long one process may take. */
  readonly limitMs: number
}

/** What one process does. */
export type Task =
  | { readonly act: 'describe'; readonly module: string }
  | TaskInPlace<{ readonly act: 'W1s' | 'W1c' | 'W2' | 'W3' }>
  | TaskInPlace<{ readonly act: 'begin long' | 'recover'; readonly ledger: string }>
  | TaskInPlace<{ readonly act: 'measure'; readonly options: MeasureOptions }>

type TaskInPlace<Act> = Act & { readonly module: string; readonly place: TaskPlace; readonly sizes: Sizes }

/** Where a process keeps what it makes. */
export interface TaskPlace {
  readonly folder: string
  readonly postgresUrl: string
}

/** What a measurement of its own is told: which storage, which part. */
export type MeasureOptions = Readonly<Record<string, string>>

/** A module in `measures/`: what is measured of Segno alone. */
export interface Measure {
  (given: { readonly place: TaskPlace; readonly sizes: Sizes; readonly options: MeasureOptions }): Promise<Figures>
}

/** What a subject says of itself, before anything is measured. */
export interface Description {
  readonly name: string
  readonly durability: string
  readonly settings: string
  readonly leftOut: Readonly<Record<string, string>>
  readonly versions: Readonly<Record<string, string>>
}

/** The answer of a process, one line of JSON. */
export type Answer =
  | { readonly figures: Figures }
  | { readonly description: Description }
  /** The subject has no such workload. */
  | { readonly leftOut: string }
