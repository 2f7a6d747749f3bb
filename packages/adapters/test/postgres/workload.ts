import { createEngine, type Engine, type Storage } from '@segno/core'
import type { Definition, RunEvent } from '@segno/schema/plan'

/** A workflow whose steps write down that they were called, and that waits for a message and for a time. */
export const definition: Definition = {
  segno: 1,
  name: 'storm',
  input: { n: { type: 'integer' } },
  output: { sum: { type: 'integer', value: '${{ steps.loop.output.sum }}' } },
  steps: [
    { id: 'first', uses: 'note' },
    {
      id: 'loop',
      repeat: { max: 10, until: 'iteration == 3', initial: { sum: 0 } },
      do: [
        { id: 'turn', uses: 'note' },
        { id: 'add', set: { sum: '${{ previous.sum + input.n }}' } },
      ],
      output: { sum: '${{ steps.add.output.sum }}' },
    },
    { id: 'go', waitFor: { signal: 'go' }, timeout: '1h' },
    { id: 'nap', sleep: '20ms' },
    { id: 'last', uses: 'note' },
  ],
}

/** How often the loop of `definition` turns. */
const turns = 4

/** What was seen from outside of the store: effects, and what the store acknowledged. */
export interface Witness {
  /** Calls of handlers: the run, the path, the key. */
  readonly calls: { readonly runId: string; readonly path: string; readonly key: string }[]
  /** Events that the store said it wrote, as JSON, by run and `seq`. */
  readonly acked: Map<string, string>
  /** Messages that the store said it accepted. */
  readonly accepted: string[]
}

/** A witness that has seen nothing. */
export function newWitness(): Witness {
  return { calls: [], acked: new Map(), accepted: [] }
}

/** An engine for the workload, whose storage and handlers are watched. */
export function watchedEngine(storage: Storage, witness: Witness, owner: string): Engine {
  return createEngine({
    storage: watched(storage, witness),
    owner,
    limits: { leaseMs: 2_000 },
    handlers: {
      note: ({ runId, path, idempotencyKey: key }) => {
        witness.calls.push({ runId, path, key })
        return null
      },
    },
  })
}

function watched(storage: Storage, { acked, accepted }: Witness): Storage {
  const note = (events: readonly RunEvent[]): void => {
    for (const event of events) {
      const name = `${event.runId} ${event.seq}`
      const text = JSON.stringify(event)
      if (acked.has(name) && acked.get(name) !== text) throw new Error(`${name} was acknowledged twice, as two events`)
      acked.set(name, text)
    }
  }
  return {
    ...storage,
    async createRun(run, batch, options) {
      const answer = await storage.createRun(run, batch, options)
      if (answer.outcome === 'created') note(batch.events)
      return answer
    },
    async append(request) {
      const answer = await storage.append(request)
      if (answer.outcome === 'ok' || answer.outcome === 'duplicate') note(request.events)
      return answer
    },
    async deliver(runId, message) {
      const answer = await storage.deliver(runId, message)
      if (answer.outcome === 'accepted') accepted.push(`${runId} ${message.id}`)
      return answer
    },
  }
}

/** What is wrong with the runs of a store, against what was seen from outside. */
export async function wrongWith(storage: Storage, witness: Witness, runIds: readonly string[]): Promise<string[]> {
  const wrong: string[] = []
  for (const runId of runIds) {
    const events: RunEvent[] = []
    for await (const page of storage.read(runId, 1)) events.push(...page)
    for (const problem of wrongIn(runId, events, witness)) wrong.push(`${runId}: ${problem}`)
  }
  return wrong
}

function* wrongIn(runId: string, events: readonly RunEvent[], { acked, calls, accepted }: Witness): Generator<string> {
  for (const [index, event] of events.entries()) {
    if (event.seq !== index + 1) yield `event ${event.seq} is at ${index + 1}`
  }
  for (const [name, text] of acked) {
    const [owner, seq] = name.split(' ')
    if (owner === runId && JSON.stringify(events[Number(seq) - 1]) !== text)
      yield `acknowledged event ${seq} is lost or altered`
  }
  const succeeded = events.flatMap((event) => (event.type === 'step.completed' ? [event.path] : []))
  if (new Set(succeeded).size !== succeeded.length) yield `a step succeeded twice: ${succeeded.join(', ')}`
  if (events.at(-1)?.type !== 'run.completed') yield `the last event is ${events.at(-1)?.type}`
  const received = events.filter((event) => event.type === 'signal.received').length
  const sent = accepted.filter((name) => name.startsWith(`${runId} `)).length
  if (received !== 1 || sent > 1) yield `a signal was accepted ${sent} times and received ${received} times`
  const keys = new Map<string, string>()
  for (const { path, key } of calls.filter((call) => call.runId === runId)) {
    if ((keys.get(path) ?? key) !== key) yield `${path} had two keys`
    keys.set(path, key)
  }
  if (keys.size !== turns + 2) yield `${keys.size} steps were called, expected ${turns + 2}`
}
