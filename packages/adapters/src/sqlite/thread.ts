/**
 * The thread of a SQLite storage: it opens the database and waits for its disk, so
 * that the host does not.
 *
 * @module
 */
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { isDead, type ProcessIdentity } from '../process/process-identity.ts'
import { packReplies, unpackCalls } from './packed.ts'
import type { ThreadData, ToThread } from './protocol.ts'
import { databaseService } from './service.ts'

const service = databaseService({
  ...(workerData as ThreadData),
  send: (replies) => parentPort?.postMessage(packReplies(replies)),
  isDead: (identity) => isDead(JSON.parse(identity) as ProcessIdentity),
})

parentPort?.on('message', (message: ToThread) => {
  // What has come while the disk was waited for is one group.
  const messages = [message]
  for (;;) {
    const next = parentPort && receiveMessageOnPort(parentPort)
    if (!next) break
    messages.push(next.message as ToThread)
  }
  service.take(messages.length === 1 ? callsOf(message) : messages.flatMap(callsOf))
  if (messages.includes('close')) void service.close().then(() => parentPort?.close())
})

function callsOf(message: ToThread): ReturnType<typeof unpackCalls> {
  return message === 'close' ? [] : unpackCalls(message)
}
