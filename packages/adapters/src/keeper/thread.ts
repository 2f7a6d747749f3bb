/**
 * The thread that keeps leases: it renews them three times in their life, for as long
 * as its host shows that it is alive, whatever keeps the host busy.
 *
 * @module
 */
import { parentPort, workerData } from 'node:worker_threads'
import type { LeaseName } from '@segno/core'
import { renewalsOf } from './kept-store.ts'
import type { KeeperData, KeeperMessage } from './thread-keeper.ts'

const { store, ttlMs, hungAfterMs } = workerData as KeeperData
const renewals = renewalsOf(store)
let leases: readonly LeaseName[] = []
let aliveAt = performance.now()
let renewing: Promise<void> | undefined

async function renew(): Promise<void> {
  const open = await renewals
  // A store that fails now is asked again in a third of a lease. Whether one is lost, the host asks itself.
  await Promise.allSettled([open.renew(leases, ttlMs)])
}

function beat(): void {
  // A host that is hung does not come back: whoever takes its runs over must not wait for it.
  if (performance.now() - aliveAt > hungAfterMs || leases.length === 0 || renewing !== undefined) return
  renewing = renew().finally(() => {
    renewing = undefined
  })
}
const beats = setInterval(beat, ttlMs / 3)

async function close(): Promise<void> {
  clearInterval(beats)
  await renewing
  await (await renewals).close()
  parentPort?.close()
}

parentPort?.on('message', (message: KeeperMessage) => {
  aliveAt = performance.now()
  if ('close' in message) return void close()
  const isFirst = leases.length === 0
  leases = message.leases
  // It may have taken a while to start.
  if (isFirst) beat()
})
