/**
 * The thread of a SQLite storage: it opens the database and waits for its disk, so
 * that the host does not.
 *
 * @module
 */
import { parentPort, workerData } from 'node:worker_threads'
import { isDead, type ProcessIdentity } from '../process/process-identity.ts'
import type { FromThread, ThreadData, ToThread } from './protocol.ts'
import { databaseService } from './service.ts'

const service = databaseService({
  ...(workerData as ThreadData),
  send: (replies) => parentPort?.postMessage({ replies } satisfies FromThread),
  isDead: (identity) => isDead(JSON.parse(identity) as ProcessIdentity),
})

parentPort?.on('message', (message: ToThread) => {
  if ('calls' in message) service.take(message.calls)
  else void service.close().then(() => parentPort?.close())
})
