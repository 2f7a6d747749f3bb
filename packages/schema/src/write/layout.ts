/** How the parts of a definition are written: the order of their keys, and what is inside of them. */
export interface Layout {
  /**
   * The keys in their order, with the layout of what they hold. Keys that are not
   * among them, as `x-*`, stand at `others`, or else at the end.
   */
  readonly keys?: Readonly<Record<string, Layout>>
  /** Of the items of a list, or of the fields of a map whose keys are names. */
  readonly each?: () => Layout
  /** An expression: written without marks, and where it may be a boolean, true and false without quotes. */
  readonly slot?: 'boolean' | 'list'
  /** Never on one line, unless it is empty. */
  readonly isBlock?: true
  /** Its keys may be written as numbers and booleans. */
  readonly hasPlainKeys?: true
}

/** The key of a layout at which the keys that it does not name stand. */
export const others = '…'

/** What is the author's own: written in the order in which it was given. */
const value: Layout = {}
const slot: Layout = { slot: 'boolean' }
const listSlot: Layout = { slot: 'list' }

const steps: Layout = { isBlock: true, each: () => step }
const names: Layout = { isBlock: true, each: () => value }

const retry = inOrder('max delay backoff maxDelay jitter on except')
const budget = inOrder('tokens cost duration calls mode')
const move: Layout = { keys: { to: value, if: slot, schema: value } }
// One of them may stand for a list of one.
const moves: Layout = { each: () => ({ ...move, each: () => move }) }
const choice: Layout = { keys: { if: slot, to: value } }
const state: Layout = {
  isBlock: true,
  keys: { do: steps, on: moves, after: moves, next: { each: () => choice } },
}
const catchClause: Layout = { isBlock: true, keys: { on: value, as: value, do: steps } }

const head = { id: value, title: value, description: value, needs: value, if: slot }

// The verb, and what is read together with it.
const verb = {
  ...{ uses: value, exec: value, run: value, shell: value, agent: value, call: value, start: value },
  ...{ prompt: value, session: value, set: value, assert: slot, message: value, with: value },
  ...{ wait: value, detached: value, sleep: value, sleepUntil: value },
  http: inOrder('method url query headers body redirects maxSize'),
  waitFor: { keys: { signal: value, if: slot, schema: value } },
  ask: inOrder('title body choices form subject assignees'),
  watch: inOrder('glob minCount every'),
  emit: inOrder('signal reply data to'),
  match: slot,
  forEach: { keys: { in: listSlot, as: value, concurrency: value, collect: value } },
  repeat: { keys: { max: value, until: slot, while: slot, every: value, initial: value } },
  ...{ initial: value, max: value, concurrency: value, join: value, failFast: value },
  ...{ return: value, fail: inOrder('code message data') },
} satisfies Readonly<Record<string, Layout>>

// Before the body of a block: after a long one nobody looks for them.
const modifiers = {
  ...{ effect: value, idempotencyKey: value, timeout: value, retry, onFailure: value },
  ...{ env: value, secrets: value, workspace: inOrder('mode cwd'), queue: inOrder('key concurrency rate priority') },
  ...{ budget, check: inOrder('policy by pass onFail'), consumes: value, produces: value },
  ...{ candidates: value, judge: value, labels: value, [others]: value },
} satisfies Readonly<Record<string, Layout>>

const body = {
  states: { isBlock: true, each: () => state },
  cases: { isBlock: true, hasPlainKeys: true, each: () => steps },
  default: steps,
  do: steps,
  else: steps,
  parallel: steps,
  try: steps,
  catch: { isBlock: true, each: () => catchClause },
  finally: steps,
} satisfies Readonly<Record<string, Layout>>

const stepKeys = { ...head, ...verb, ...modifiers, ...body, output: value, onExhausted: value }
const undo: Layout = { keys: stepKeys }
const step: Layout = { isBlock: true, keys: { ...stepKeys, undo } }

/** A whole workflow, as `docs/05-language.md` tells its keys. */
export const definitionLayout: Layout = {
  isBlock: true,
  keys: {
    ...{ segno: value, name: value, version: value, description: value, labels: value },
    ...{ input: names, output: names, secrets: value, agents: names, artifacts: names },
    imports: { isBlock: true, each: () => definitionLayout },
    limits: inOrder('steps duration tokens cost onExceeded'),
    on: { keys: { schedule: { isBlock: true, each: () => inOrder('cron timezone input') } } },
    concurrency: inOrder('group limit whenFull'),
    defaults: { keys: { timeout: value, retry } },
    [others]: value,
    steps,
    finally: steps,
  },
}

function inOrder(keys: string): Layout {
  return { keys: Object.fromEntries(keys.split(' ').map((key) => [key, value])) }
}
