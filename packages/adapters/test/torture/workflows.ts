import type { Definition, Json } from '@segno/schema/plan'
import { bookingName } from './bookings.ts'
import { shellDid } from './ledger.ts'
import { secretName } from './secret.ts'
import type { StoreKind } from './store-place.ts'

/** A workflow that is tortured, and what it gives if it completes. */
export interface Tortured {
  readonly definition: Definition
  /** What a run of it gives for its input `n`, crashes or not. */
  readonly gives: (n: number) => Readonly<Record<string, Json>>
  /** Names of the signals that it waits for. */
  readonly signals: readonly string[]
}

/** Characters of text that are kept beside the journal. */
export const bulk = 20_000

const input = { n: { type: 'integer' } } as const

// Whoever holds the output of a command open does not end it: these are left to be killed.
const leavesSomebody = `(trap '' TERM HUP; sleep 300) & sleep 300 & `
const shortly = 'sleep 0.03'

const errands: Definition = {
  segno: 1,
  name: 'errands',
  input,
  secrets: [secretName],
  output: { twice: { type: 'integer', value: '${{ int(steps.both.output) }}' } },
  steps: [
    // First, so that hosts that do not live long come to it too.
    {
      id: 'begin',
      run: `${shellDid}\necho "it is $${secretName}"; echo "$${secretName}" >&2`,
      secrets: [secretName],
      output: { from: 'stdout' },
    },
    {
      id: 'both',
      parallel: [
        {
          id: 'script',
          run: `${shellDid}\n${leavesSomebody}\n${shortly}\necho $((N * 2))`,
          env: { N: '${{ input.n }}' },
          output: { from: 'stdout' },
        },
        { id: 'program', exec: ['sh', '-c', `${shellDid}; ${leavesSomebody} ${shortly}`] },
        { id: 'host', uses: 'note', with: { ms: 30 } },
        { id: 'nap', sleep: '80ms' },
      ],
      output: '${{ steps.script.output }}',
    },
    { id: 'rest', sleep: '50ms' },
    { id: 'last', uses: 'note', with: { ms: 5 } },
  ],
}

const approval: Definition = {
  segno: 1,
  name: 'approval',
  input,
  output: { by: { type: 'string', value: '${{ steps.second.output.by }}' } },
  steps: [
    { id: 'ask', uses: 'note', with: { ms: 20 } },
    { id: 'first', waitFor: { signal: 'first' }, timeout: '1h' },
    { id: 'nap', sleep: '200ms' },
    { id: 'between', exec: ['sh', '-c', shellDid] },
    { id: 'second', waitFor: { signal: 'second' }, timeout: '1h' },
    { id: 'tell', uses: 'note', with: { ms: 1 } },
  ],
}

const unsteady: Definition = {
  segno: 1,
  name: 'unsteady',
  input,
  defaults: { retry: { max: 3, delay: '20ms', jitter: false } },
  output: { sum: { type: 'integer', value: '${{ steps.items.output[0] + steps.items.output[3] }}' } },
  steps: [
    { id: 'host', uses: 'unsteady' },
    { id: 'program', exec: ['sh', '-c', `${shellDid}; [ "$SEGNO_ATTEMPT" -ge 2 ]`] },
    {
      id: 'items',
      forEach: { in: [1, 2, 3, 4], concurrency: 2 },
      do: [
        { id: 'call', uses: 'unsteady' },
        { id: 'nap', sleep: '60ms' },
        { id: 'product', set: { value: '${{ item * input.n }}' } },
      ],
      output: '${{ steps.product.output.value }}',
    },
  ],
}

const careful: Definition = {
  segno: 1,
  name: 'careful',
  input,
  output: { done: { type: 'boolean', value: '${{ steps.after.status == "completed" }}' } },
  steps: [
    { id: 'before', uses: 'note', with: { ms: 1 } },
    { id: 'pay', uses: 'note', with: { ms: 120 }, effect: 'once' },
    { id: 'nap', sleep: '100ms' },
    { id: 'post', exec: ['sh', '-c', `${shellDid}; ${leavesSomebody} ${shortly}`], effect: 'once' },
    { id: 'after', uses: 'note', with: { ms: 1 } },
  ],
}

// Long enough for a snapshot, and for some events after it.
const long: Definition = {
  segno: 1,
  name: 'long',
  input,
  output: { sum: { type: 'integer', value: '${{ steps.loop.output.sum }}' } },
  steps: [
    {
      id: 'loop',
      repeat: { max: 100, until: 'iteration == 79', initial: { sum: 0 } },
      do: [
        { id: 'turn', uses: 'note', with: { ms: 0 } },
        { id: 'add', set: { sum: '${{ previous.sum + input.n }}' } },
      ],
      output: { sum: '${{ steps.add.output.sum }}' },
    },
    { id: 'last', exec: ['sh', '-c', shellDid] },
  ],
}

const bulky: Definition = {
  segno: 1,
  name: 'bulky',
  input,
  output: { size: { type: 'integer', value: '${{ size(steps.fetch.output) + size(steps.print.output) }}' } },
  steps: [
    { id: 'fetch', uses: 'bulk', with: { length: bulk, letter: 'a' } },
    { id: 'nap', sleep: '50ms' },
    { id: 'print', run: `${shellDid}\nprintf '%020000d' 7`, output: { from: 'stdout' } },
    {
      id: 'compare',
      uses: 'compare',
      with: { fetched: '${{ steps.fetch.output }}', printed: '${{ steps.print.output }}' },
    },
    { id: 'wait', sleep: '150ms' },
    { id: 'again', assert: 'steps.compare.output' },
  ],
}

// What its steps write is in the database of the store: `bookings.ts`.
const booking: Definition = {
  segno: 1,
  name: bookingName,
  input,
  // The server may go away while a step has its transaction.
  defaults: { retry: { max: 5, delay: '20ms', jitter: false } },
  output: { booked: { type: 'boolean', value: '${{ steps.first.output && steps.second.output }}' } },
  steps: [
    { id: 'first', uses: 'book', effect: 'tx' },
    { id: 'nap', sleep: '40ms' },
    { id: 'second', uses: 'book', effect: 'tx' },
    { id: 'tell', uses: 'note', with: { ms: 1 } },
  ],
}

/** All workflows that are tortured. */
const workflows: readonly Tortured[] = [
  { definition: errands, gives: (n) => ({ twice: 2 * n }), signals: [] },
  { definition: approval, gives: () => ({ by: 'second' }), signals: ['first', 'second'] },
  { definition: unsteady, gives: (n) => ({ sum: 5 * n }), signals: [] },
  { definition: careful, gives: () => ({ done: true }), signals: [] },
  { definition: long, gives: (n) => ({ sum: 80 * n }), signals: [] },
  { definition: bulky, gives: () => ({ size: 2 * bulk }), signals: [] },
  { definition: booking, gives: () => ({ booked: true }), signals: [] },
]

/** Those that a store can run: without a database there is no transaction. */
export function workflowsOf(kind: StoreKind): readonly Tortured[] {
  return kind === 'file' ? workflows.filter(({ definition }) => definition !== booking) : workflows
}

/** A workflow by its name. */
export function workflowOf(name: string): Tortured {
  const found = workflows.find(({ definition }) => definition.name === name)
  if (found === undefined) throw new Error(`there is no workflow ${name}`)
  return found
}

/** Steps that are never done twice, as `workflow/path`. */
export const onceSteps: ReadonlySet<string> = new Set(['careful/pay', 'careful/post'])
