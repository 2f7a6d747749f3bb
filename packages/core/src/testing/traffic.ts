import type { Storage } from '../ports/storage.ts'

/** Counts the calls that a storage has not answered, for tests whose time stands still until everything has come to rest. */
export class Traffic {
  #calls = 0
  #waiting: (() => void)[] = []

  /** Waits for the next answer; at once where none is awaited. False in that case. */
  async answered(): Promise<boolean> {
    if (this.#calls === 0) return false
    await new Promise<void>((resolve) => this.#waiting.push(resolve))
    return true
  }

  /** The storage, its calls counted. */
  watch(storage: Storage): Storage {
    const counted = <Arguments extends unknown[], Answer>(call: (...given: Arguments) => Promise<Answer>) => {
      return (...given: Arguments): Promise<Answer> => this.#count(call(...given))
    }
    return {
      ...storage,
      putPlan: counted(storage.putPlan),
      getPlan: counted(storage.getPlan),
      createRun: counted(storage.createRun),
      row: counted(storage.row),
      load: async (runId) => {
        const loaded = await this.#count(storage.load(runId))
        return loaded === undefined ? undefined : { ...loaded, tail: this.#pages(loaded.tail) }
      },
      read: (runId, from) => this.#pages(storage.read(runId, from)),
      append: counted(storage.append),
      getBlob: counted(storage.getBlob),
      deliver: counted(storage.deliver),
      inbox: counted(storage.inbox),
      acquire: counted(storage.acquire),
      renew: counted(storage.renew),
      release: counted(storage.release),
      list: counted(storage.list),
      delete: counted(storage.delete),
      ...(storage.begin === undefined ? {} : { begin: this.#transactions(storage.begin) }),
    }
  }

  #transactions(begin: NonNullable<Storage['begin']>): NonNullable<Storage['begin']> {
    return async (lease, options) => {
      const transaction = await this.#count(begin(lease, options))
      if (transaction === undefined) return undefined
      const { sql, append, rollback } = transaction
      return {
        sql: { query: (...given) => this.#count(sql.query(...given)) },
        append: (request) => this.#count(append(request)),
        rollback: () => this.#count(rollback()),
      }
    }
  }

  async *#pages<Page>(pages: AsyncIterable<Page>): AsyncGenerator<Page, void, undefined> {
    const iterator = pages[Symbol.asyncIterator]()
    for (;;) {
      const { done, value } = await this.#count(iterator.next())
      if (done === true) return
      yield value
    }
  }

  async #count<Answer>(answer: Promise<Answer>): Promise<Answer> {
    this.#calls++
    try {
      return await answer
    } finally {
      this.#calls--
      for (const wake of this.#waiting.splice(0)) wake()
    }
  }
}
