import { setTimeout as delay } from 'node:timers/promises'

const againMs = 20
const patienceMs = 120_000

/** As a host does whose store is away for a moment: the same call again. Whoever calls is told of each that is in doubt. */
export async function surely<Value>(call: () => Promise<Value>, doubted?: () => void): Promise<Value> {
  for (const since = performance.now(); ;) {
    try {
      return await call()
    } catch (error) {
      if (!isAway(error) || performance.now() - since > patienceMs) throw error
      doubted?.()
      await delay(againMs)
    }
  }
}

function isAway(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'STORAGE_UNAVAILABLE'
}
