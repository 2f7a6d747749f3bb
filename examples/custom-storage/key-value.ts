/** A value, and how often its key was written. */
export interface Versioned {
  readonly text: string
  readonly version: number
}

/**
 * The least that a key-value store can do: get, and set if nobody was faster. What etcd, DynamoDB, Cloudflare's Durable
 * Objects, Redis with a script or a row of any database can do too.
 */
export interface KeyValue {
  get(key: string): Promise<Versioned | undefined>
  /** Writes if the key is at this version, 0 for one that is not there; false if it is not. `undefined` removes it. */
  set(key: string, text: string | undefined, version: number): Promise<boolean>
  keys(prefix: string): Promise<readonly string[]>
  /** The clock of the store, epoch ms. */
  now(): Promise<number>
}

/** A key-value store in a `Map`, for this example: each call takes its turn, as over a network. */
export function mapKeyValue(now: () => number = Date.now): KeyValue {
  const values = new Map<string, Versioned>()
  const turn = (): Promise<void> => Promise.resolve()
  return {
    async get(key) {
      await turn()
      return values.get(key)
    },
    async set(key, text, version) {
      await turn()
      if ((values.get(key)?.version ?? 0) !== version) return false
      if (text === undefined) values.delete(key)
      else values.set(key, { text, version: version + 1 })
      return true
    },
    async keys(prefix) {
      await turn()
      return [...values.keys()].filter((key) => key.startsWith(prefix))
    },
    async now() {
      await turn()
      return now()
    },
  }
}
