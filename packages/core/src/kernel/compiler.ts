import type { Definition, Step } from '@segno/schema/plan'
import type { CallNode, PlanList, PlanNode, PlanUnit } from './plan.ts'
import type { Settings } from './work.ts'

/** A plan while it is made. */
export interface Compiler {
  readonly nodes: PlanNode[]
  lists: number
  /** The workflow that the step at hand is in. */
  unit: PlanUnit
  readonly handlers: Set<string>
  readonly secrets: Set<string>
  /** What the blocks around the step at hand hand down to it. */
  settings: Settings
  /** How many lists the step at hand is in. */
  depth: number
  /** Compiles a list of a block. */
  list(owner: PlanNode, role: string, steps: readonly Step[]): PlanList
  /** Compiles the inside of a node that calls a workflow. */
  called(node: PlanNode, definition: Definition): Pick<CallNode, 'unit' | 'body' | 'finally'>
}

/** A node is built in two strokes, because its lists name it as their owner. */
export interface Draft {
  [field: string]: unknown
}
