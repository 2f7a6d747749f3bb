import type { Clock } from '../ports/clock.ts'
import type { Message } from '../ports/storage.ts'
import type { Random } from './random.ts'

/** How long people take to answer. */
const answerMaxMs = 5000

/** What clients send to runs, and what of it is still to be sent. */
export class SimulatedPost {
  readonly #options: PostOptions
  readonly #answered = new Set<string>()
  #sending = 0

  constructor(options: PostOptions) {
    this.#options = options
  }

  /** How many messages are about to be sent. */
  get sending(): number {
    return this.#sending
  }

  send(delayMs: number, runId: string, message: Message): void {
    this.#sending += 1
    this.#options.clock.schedule(delayMs, () => {
      this.#sending -= 1
      this.#options.deliver(runId, message)
    })
  }

  /** Sends the answers that were not sent yet; some of them twice. */
  answer(runId: string, answers: readonly Message[]): void {
    const { random, isRepeated } = this.#options
    for (const message of answers) {
      const name = `${runId} ${message.id}`
      if (this.#answered.has(name)) continue
      this.#answered.add(name)
      for (let times = isRepeated(random) ? 2 : 1; times > 0; times--) {
        this.send(random.integer(answerMaxMs), runId, message)
      }
    }
  }
}

interface PostOptions {
  readonly clock: Clock
  readonly deliver: (runId: string, message: Message) => void
  readonly random: Random
  readonly isRepeated: (random: Random) => boolean
}
