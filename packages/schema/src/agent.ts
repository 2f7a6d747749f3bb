import type { Duration, ExpressionText, JsonSchema } from './definition.ts'
import type { Json } from './json.ts'

/** A language model or coding agent that steps name. */
export interface Agent {
  readonly provider: string
  readonly model?: string
  /** What it may touch; `read-only` unless given. */
  readonly sandbox?: 'read-only' | 'workspace-write' | 'full-access'
  readonly [extension: `x-${string}`]: Json
}

/** A file that steps leave and take, by its name in the workflow. */
export interface ArtifactDeclaration {
  /** Inside of the workspace. */
  readonly path: string
  readonly mediaType?: string
  readonly schema?: JsonSchema
}

/** What an agent is asked. */
export type Prompt = string | { readonly file: string } | { readonly text: string }

/** How a step takes an artifact or a path input. */
export interface Consumption {
  /** `unseen`: only a version that this step has not taken before. */
  readonly freshness?: 'any' | 'unseen'
  readonly into?: 'prompt' | 'path' | 'none'
}

/** What a step leaves under an artifact's name. */
export interface Production {
  readonly mustExist?: boolean
  /** Exactly one of these files has to have changed. */
  readonly oneOf?: readonly string[]
}

/** What an agent's turns may use. */
export interface Budget {
  readonly tokens?: number
  /** An amount and a currency such as `8 USD`. */
  readonly cost?: string
  readonly duration?: Duration
  readonly calls?: number
  readonly mode?: 'strict' | 'warn' | 'off'
}

/** A quality gate on what a step did. */
export interface Check {
  readonly policy?: 'skip' | 'light' | 'full'
  readonly by?:
    ExpressionText | { readonly agent: string; readonly prompt?: Prompt } | { readonly exec: readonly string[] }
  readonly pass?: ExpressionText
  readonly onFail?: 'block' | 'fail' | { readonly redo: { readonly max: number; readonly with?: Json } }
}

/** Which attempts wait for each other, across runs. */
export interface Queue {
  readonly key?: string
  readonly concurrency?: number
  readonly rate?: { readonly limit: number; readonly per: Duration }
  readonly priority?: number
}
