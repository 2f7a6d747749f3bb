/**
 * The thread of a SQLite storage: it opens the database and waits for its disk, so
 * that the host does not.
 *
 * @module
 */
import { parentPort, receiveMessageOnPort, workerData, type MessagePort } from 'node:worker_threads'
import { isDead, ownIdentity, type ProcessIdentity } from '../process/process-identity.ts'
import { packReplies, unpackCalls } from './packed.ts'
import type { ThreadData, ToThread } from './protocol.ts'
import { databaseService } from './service.ts'

const data = workerData as ThreadData
const service = databaseService({
  file: data.file,
  identity: () => data.identity ?? JSON.stringify(ownIdentity()),
  send: (replies) => parentPort?.postMessage(packReplies(replies)),
  isDead: (identity) => isDead(JSON.parse(identity) as ProcessIdentity),
})

if (parentPort !== null) {
  const port = parentPort
  // What was sent while the thread began is there already; the first message that Node brings takes it a millisecond.
  take(sentTo(port))
  // Whoever leases a run needs it; while the host has its first answer nobody waits for it.
  setImmediate(ownIdentity)
  // What has come while the disk was waited for is one group.
  port.on('message', (message: ToThread) => take([message, ...sentTo(port)]))
}

function take(messages: readonly ToThread[]): void {
  service.take(messages.flatMap(callsOf))
  if (messages.includes('close')) void service.close().then(() => parentPort?.close())
}

function sentTo(port: MessagePort): ToThread[] {
  const messages: ToThread[] = []
  for (;;) {
    const next = receiveMessageOnPort(port)
    if (next === undefined) return messages
    messages.push(next.message as ToThread)
  }
}

function callsOf(message: ToThread): ReturnType<typeof unpackCalls> {
  return message === 'close' ? [] : unpackCalls(message)
}
