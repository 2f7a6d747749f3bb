/** An engine, a storage or a raw baseline under measurement: one module each, whose `subject` every workload is run with in a new process. */
export interface Subject {
  /** As the table names it: `segno + sqlite`, `raw sqlite`, `flowcraft`. */
  readonly name: string
  /** The npm packages whose versions are printed with the figures. */
  readonly packages: readonly string[]
  readonly durability: Durability
  /** The settings on which the figures depend, as they are printed: `journal_mode=WAL, synchronous=FULL`. */
  readonly settings: string
  /** What this subject cannot do of the workloads, each with its reason. */
  readonly leftOut?: Partial<Record<Workload, string>>
  /** Opens it with its storage in a place of its own. What it needs once (tables, a server) is ready when it resolves. */
  open(place: Place): Promise<Opened>
}

/** What is still there, of a step that counts as done, after the process or the machine fails. */
export type Durability = 'none' | 'process kill' | 'power loss'

/** What is measured of every subject. */
export type Workload = 'W1s' | 'W1c' | 'W2' | 'W3' | 'W4'

/** Where a subject keeps its state. */
export interface Place {
  /** A folder that is empty, but for W4's second process, which finds what the killed one left. */
  readonly folder: string
  /** A database that is empty as the folder is. The server syncs each commit. */
  readonly postgresUrl: string
  /** How many steps `long` has: some peers have to be told it when a workflow is defined. */
  readonly longSteps: number
}

/** A subject that is ready to run. Every step returns `payload`. */
export interface Opened {
  /** One run of ten trivial steps in sequence. Resolves when its end is known, and as durable as the subject makes it. */
  sequence(): Promise<void>
  /** One run of `count` trivial steps, all at a time. */
  fan?(count: number): Promise<void>
  /**
   * One run, named by the subject, of `longSteps` trivial steps in sequence.
   * Each step calls `onStep` with its number, from 0, when it is executed: synchronously, before it returns.
   */
  long?(onStep: (index: number) => void): Promise<void>
  /** W4: takes up the run of `long` that a killed process left, and resolves when it has ended. */
  recover?(onStep: (index: number) => void): Promise<void>
  close(): Promise<void>
}

/** About 100 bytes of JSON: what each trivial step returns. */
export const payload = {
  id: 42,
  name: 'a trivial step',
  ok: true,
  tags: ['one', 'two'],
  note: 'about a hundred bytes of it',
}
