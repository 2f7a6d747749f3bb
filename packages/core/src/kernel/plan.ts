import type {
  Capture,
  Definition,
  EffectClass,
  Expression,
  InputProperty,
  Join,
  JsonSchema,
  OnFailure,
  ScriptShell,
  SecretSlot,
  Template,
} from '@segno/schema/plan'

/** Milliseconds, or what gives a duration when the step starts. */
export type PlanDuration = number | Template

/** A retry policy with its defaults filled in. */
export interface PlanRetry {
  readonly max: number
  readonly delayMs: PlanDuration
  readonly maxDelayMs: PlanDuration
  readonly factor: 1 | 2
  readonly jitter: boolean
  readonly on: ReadonlySet<string> | undefined
  readonly except: ReadonlySet<string> | undefined
}

/** One workflow of a plan: the one that a run is started with, or one that a step calls. Nothing inside sees out. */
export interface PlanUnit {
  readonly definition: Definition
  readonly byId: Map<string, PlanNode>
  /** What it gives; filled in when its steps are compiled. */
  readonly outputs: PlanOutput[]
}

/** A list of steps: the unit of scope. Each block has one or more. */
export interface PlanList {
  readonly index: number
  readonly owner: PlanNode
  readonly unit: PlanUnit
  /** `do`, `else`, `case:<key>`, `default`, `catch[n]`, `finally`: what `branch.taken` names. `state:<name>`; `undo` for what is taken back. */
  readonly role: string
  readonly nodes: PlanNode[]
  readonly byId: Map<string, PlanNode>
}

interface NodeBase {
  readonly index: number
  readonly id: string
  readonly list: PlanList | undefined
  /** Place in `list`. */
  readonly position: number
  /** The modifier `if`; never that of an `if` block. */
  readonly condition: Expression | undefined
  readonly onFailure: OnFailure
  readonly retry: PlanRetry | undefined
  readonly timeout: PlanDuration | undefined
  /** The declared `output` of a block. */
  readonly output: Template | undefined
  /** Whether any expression, or the implicit output of a block, reads this step's output: only then does state keep it. */
  outputRead: boolean
  /** A block's lists; a step that is no block has none. */
  readonly lists: PlanList[]
  /** What takes it back. */
  readonly undo: UndoNode | undefined
}

/** What of a process does not depend on the run: the rest is the input of its attempts. */
export interface PlanProcess {
  /** Variables of the blocks around it, outermost first, and how many lists up their expressions belong. */
  readonly inherited: readonly { readonly up: number; readonly env: Template }[]
  /** `undefined` for `exec`, whose arguments are in the input. */
  readonly script: { readonly text: string; readonly shell: ScriptShell } | undefined
  /** Arguments that begin with what data gives, with no `--` before them: an option must not come of that. */
  readonly openArguments: readonly number[]
  readonly cwd: string | undefined
  readonly capture: (Omit<Capture, 'path' | 'maxSize'> & { readonly maxBytes: number }) | undefined
}

/** What of a request does not depend on the run. */
export interface PlanRequest {
  /** Whether the definition says with whom it is made, and not data. */
  readonly isHostLiteral: boolean
  readonly redirectsMax: number
  readonly bodyBytesMax: number
}

/** Work that is done outside of the kernel: by a handler of the host, by a process, by the engine's own means. */
export interface WorkNode extends NodeBase {
  readonly kind: 'work'
  /** Of the handler; `exec`, `run`, `http`, `watch` and `emit` for what no handler may be called. */
  readonly handler: string
  /** The major version after the `@`. */
  readonly major: string | undefined
  readonly input: Template
  readonly effect: EffectClass | undefined
  readonly outputSchema: JsonSchema | undefined
  readonly idempotencyKey: Template | undefined
  readonly process: PlanProcess | undefined
  readonly request: PlanRequest | undefined
  /** Where in the input secrets go: places, because no text that came from data is ever one. */
  readonly secretSlots: readonly SecretSlot[]
  /** Secrets that the handler may ask for. */
  readonly secrets: readonly string[]
}
export interface SetNode extends NodeBase {
  readonly kind: 'set'
  readonly values: Template
}
export interface AssertNode extends NodeBase {
  readonly kind: 'assert'
  readonly test: Expression
  readonly message: Template
}
export interface SleepNode extends NodeBase {
  readonly kind: 'sleep'
  readonly duration: PlanDuration
  /** An instant to sleep until, instead of a duration. */
  readonly until: Template | undefined
}
/** Tells whoever listens to the run, or answers whoever sent it a signal. */
export interface EmitNode extends NodeBase {
  readonly kind: 'emit'
  /** The name of the signal; `undefined` for a reply. */
  readonly signal: Template | undefined
  /** The step that took what is answered; `signal` inside of a state machine, for what led to its state. */
  readonly reply: string | undefined
  readonly data: Template | undefined
}
export interface AskNode extends NodeBase {
  readonly kind: 'ask'
  /** What is shown, as far as it is evaluated: `title`, `body`, `assignees`, `subject`. */
  readonly shown: Template
  readonly choices: readonly string[] | undefined
  readonly form: Readonly<Record<string, InputProperty>> | undefined
}
/** Starts another workflow as a run of its own. */
export interface StartNode extends NodeBase {
  readonly kind: 'start'
  readonly child: { readonly hash: string; readonly definition: Definition }
  readonly input: Template
  readonly wait: boolean
  readonly detached: boolean
}
export interface WaitForNode extends NodeBase {
  readonly kind: 'waitFor'
  readonly signal: Template
  readonly test: Expression | undefined
  readonly schema: JsonSchema | undefined
}
export interface DoNode extends NodeBase {
  readonly kind: 'do'
  readonly body: PlanList
}
export interface IfNode extends NodeBase {
  readonly kind: 'if'
  readonly test: Expression
  readonly then: PlanList
  readonly otherwise: PlanList | undefined
}
export interface MatchNode extends NodeBase {
  readonly kind: 'match'
  readonly subject: Expression
  readonly cases: ReadonlyMap<string, PlanList>
  readonly otherwise: PlanList | undefined
}
export interface ParallelNode extends NodeBase {
  readonly kind: 'parallel'
  readonly body: PlanList
  readonly concurrency: Template
  readonly join: Join
  readonly failFast: boolean
  /** For each child, the positions of those it waits for, and of those that wait for it. */
  readonly needs: readonly (readonly number[])[]
  readonly neededBy: readonly (readonly number[])[]
}
export interface ForEachNode extends NodeBase {
  readonly kind: 'forEach'
  readonly items: Template
  readonly as: string
  readonly concurrency: Template
  readonly collect: boolean
  readonly body: PlanList
}
export interface RepeatNode extends NodeBase {
  readonly kind: 'repeat'
  readonly max: Template
  readonly until: Expression | undefined
  readonly while: Expression | undefined
  readonly every: PlanDuration | undefined
  readonly initial: Template | undefined
  readonly exhausted: Template | undefined
  readonly body: PlanList
}
export interface CatchPlan {
  readonly on: ReadonlySet<string> | undefined
  readonly as: string
  readonly list: PlanList
}
export interface TryNode extends NodeBase {
  readonly kind: 'try'
  readonly body: PlanList
  readonly catches: readonly CatchPlan[]
  readonly finally: PlanList | undefined
}
/** Where a state machine goes, and when. */
export interface PlanTransition {
  readonly to: string
  readonly test: Expression | undefined
  readonly schema: JsonSchema | undefined
}
export interface PlanState {
  readonly list: PlanList
  readonly on: ReadonlyMap<string, readonly PlanTransition[]>
  /** By due time. */
  readonly after: readonly { readonly ms: number; readonly transitions: readonly PlanTransition[] }[]
  readonly next: readonly PlanTransition[]
}
export interface StatesNode extends NodeBase {
  readonly kind: 'states'
  readonly initial: string
  readonly states: ReadonlyMap<string, PlanState>
  /** Every signal that any state names. */
  readonly signals: ReadonlySet<string>
  readonly max: number
}
/** Another workflow as a part of this run. */
export interface CallNode extends NodeBase {
  readonly kind: 'call'
  readonly unit: PlanUnit
  readonly input: Template
  readonly body: PlanList
  readonly finally: PlanList | undefined
}
/** What takes back a step that completed. */
export type UndoNode = WorkNode | CallNode
/** The workflow itself: the outermost block, with the empty path. */
export interface WorkflowNode extends NodeBase {
  readonly kind: 'workflow'
  readonly unit: PlanUnit
  readonly body: PlanList
  readonly finally: PlanList | undefined
}
export interface ReturnNode extends NodeBase {
  readonly kind: 'return'
  readonly values: Template
}
export interface FailNode extends NodeBase {
  readonly kind: 'fail'
  readonly code: string
  readonly message: Template
  readonly data: Template | undefined
}

export type BlockNode =
  DoNode | IfNode | MatchNode | ParallelNode | ForEachNode | RepeatNode | TryNode | StatesNode | CallNode | WorkflowNode
export type LeafNode =
  WorkNode | SetNode | AssertNode | SleepNode | WaitForNode | AskNode | EmitNode | StartNode | ReturnNode | FailNode

/** A step of a plan: its verb compiled, its defaults filled in. */
export type PlanNode = BlockNode | LeafNode

/** One declared output of the workflow. */
export interface PlanOutput {
  readonly name: string
  readonly schema: JsonSchema
  readonly value: Template | undefined
}

/**
 * A definition compiled for the kernel and named by its hash: what a run is
 * pinned to. Compiled from the same definition, two plans are the same.
 */
export interface Plan {
  readonly hash: string
  readonly definition: Definition
  readonly root: WorkflowNode
  readonly nodes: readonly PlanNode[]
  readonly stepsMax: number
  readonly durationMs: number | undefined
  /** The handlers that its steps name, without the `@major`; `exec` and `run` where it has such steps. */
  readonly handlers: ReadonlySet<string>
  /** The secrets that it names. */
  readonly secrets: readonly string[]
}
