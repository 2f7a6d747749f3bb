import { memoryStorage, type AppendRequest, type Storage } from '@segno/core'

const batchEvents = 5000
const hour = 3_600_000

/** A storage in memory whose run is written on into another store, in large batches. */
export interface Relay {
  readonly storage: Storage
  /** `seq` of the last event. */
  head(): number
  /** Writes the rest, and gives the run back: it is due at once. */
  end(): Promise<void>
}

/** A relay of one run into a store: what takes an hour with a write a step takes seconds. */
export function relayInto(store: Storage): Relay {
  const memory = memoryStorage({ keep: 'tail' })
  let [head, written] = [0, 0]
  const waiting: AppendRequest[] = []
  const write = async (requests: readonly AppendRequest[], release = false): Promise<void> => {
    const last = requests.at(-1)
    if (last === undefined) return
    const { plan: _plan, park: _park, ...batch } = last
    const snapshot = requests.findLast((request) => request.snapshot !== undefined)?.snapshot
    const events = requests.flatMap((request) => request.events)
    const blobs = requests.flatMap((request) => request.blobs ?? [])
    const { outcome } = await store.append({ ...batch, expectedSeq: written, events, blobs, snapshot, release })
    if (outcome !== 'ok') throw new Error(`an append to the store: ${outcome}`)
    written += events.length
  }
  const storage: Storage = {
    ...memory,
    async putPlan(hash, definition) {
      await store.putPlan(hash, definition)
      await memory.putPlan(hash, definition)
    },
    async createRun(run, batch, options) {
      const claim = { owner: 'relay', ttlMs: hour }
      const created = await store.createRun(run, batch, { ...options, claim })
      if (created.outcome !== 'created') throw new Error(`the creation in the store: ${created.outcome}`)
      head = written = batch.events.length
      return memory.createRun(run, batch, options)
    },
    async append(request) {
      const answer = await memory.append(request)
      if (answer.outcome !== 'ok') return answer
      waiting.push(request)
      head += request.events.length
      if (head - written >= batchEvents) await write(waiting.splice(0))
      return answer
    },
  }
  // What came after the last snapshot is written as an engine writes it: a batch is read as a whole.
  const end = async (): Promise<void> => {
    await write(waiting.splice(0, waiting.findLastIndex(({ snapshot }) => snapshot !== undefined) + 1))
    for (const request of waiting) await write([request], request === waiting.at(-1))
  }
  return { storage, head: () => head, end }
}
