import type { Definition } from '@segno/schema/plan'
import type { AnyHandler } from '../runtime/handler.ts'

// For the compiler alone.
declare const types: unique symbol

/** What the compiler knows of a workflow. */
export interface WorkflowTypes {
  /** What a run is given. */
  readonly input: unknown
  /** What a run gives. */
  readonly output: unknown
  /** The data of the signals that it declares, by name. */
  readonly signals: unknown
}

/** A workflow built in TypeScript: its definition, which is plain data, and the handlers it was built with. */
export interface TypedWorkflow<out T extends WorkflowTypes = WorkflowTypes> {
  readonly definition: Definition
  readonly handlers: Readonly<Record<string, AnyHandler>>
  /** Where in the program each step was written, by its JSON Pointer in the definition; no part of the definition. */
  readonly callSites: Readonly<Record<string, string>>
  readonly [types]?: T
}
