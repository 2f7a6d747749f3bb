import type { Storage } from '../ports/storage.ts'

/** What happened in a world, in its order: as lines to read, and as a hash to compare. */
export class Trace {
  readonly #now: () => number
  readonly lines: string[] = []
  #hash = 0x811c9dc5

  constructor(now: () => number) {
    this.#now = now
  }

  get hash(): string {
    return this.#hash.toString(16)
  }

  note(line: string): void {
    const text = `${this.#now()} ${line}`
    this.lines.push(text)
    // FNV-1a, over UTF-16 units.
    for (let at = 0; at < text.length; at += 1)
      this.#hash = Math.imul(this.#hash ^ text.charCodeAt(at), 0x01000193) >>> 0
  }

  /** The storage, with its writes noted. */
  watch(storage: Storage): Storage {
    return {
      ...storage,
      append: async (request) => {
        const answer = await storage.append(request)
        const { runId, token, batchId, expectedSeq, events, park } = request
        const types = events.map(({ type, ...rest }) => ('path' in rest ? `${type} ${rest.path}` : type)).join(', ')
        const parked = park === undefined ? '' : ' and parks'
        this.note(`${runId} t${token} ${batchId} at ${expectedSeq}: [${types}]${parked} → ${answer.outcome}`)
        return answer
      },
      acquire: async (wanted) => {
        const answer = await storage.acquire(wanted)
        for (const { lease } of answer.runs) this.note(`${lease.runId} t${lease.token} to ${wanted.owner}`)
        return answer
      },
      deliver: async (runId, message) => {
        const answer = await storage.deliver(runId, message)
        this.note(`${runId} message ${message.id}: ${answer.outcome}`)
        return answer
      },
    }
  }
}
