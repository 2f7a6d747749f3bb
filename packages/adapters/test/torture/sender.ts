import { closeSync, openSync, readSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import type { Storage } from '@segno/core'
import type { Random } from '@segno/core/testing'
import { entriesOf, writeSent, type Entry } from './ledger.ts'
import { surely } from './surely.ts'
import { workflowOf } from './workflows.ts'

const lookEveryMs = 20
/** Of runs that wait for nobody, so many are cancelled. */
const cancelled = 0.04
const sentTwice = 0.4
const sentWithinMs = 300

/** Sends what runs wait for, from another process than theirs. */
export interface Sender {
  /** Sends what was not sent: nobody may have heard that the run was created. */
  sendRest(): Promise<void>
  stop(): Promise<void>
}

/** What a sender sends with. */
export interface SenderOptions {
  readonly storage: Storage
  readonly ledger: string
  readonly random: Random
}

/** Reads of new runs in the ledger, and sends them messages: too early, late, twice. */
export function startSender({ storage, ledger, random }: SenderOptions): Sender {
  const lines = openSync(ledger, 'r')
  const log = openSync(ledger, 'a')
  const stopping = new AbortController()
  const sending = new Set<Promise<void>>()

  const send = async (runId: string, name: string, payload: object): Promise<void> => {
    const id = `${name}-of-${runId}`
    const deliver = () => storage.deliver(runId, { id, name, payload: { ...payload } })
    const { outcome } = await surely(deliver, () => writeSent(log, runId, id, 'doubtful'))
    writeSent(log, runId, id, outcome)
  }
  const later = (runId: string, name: string, payload: object): void => {
    const moments = [random.integer(sentWithinMs)]
    if (random.chance(sentTwice)) moments.push(random.integer(sentWithinMs))
    for (const ms of moments) {
      const sent = delay(ms).then(() => send(runId, name, payload))
      sending.add(sent)
      void sent.then(() => sending.delete(sent))
    }
  }
  const meet = ({ runId, path: workflow }: Entry & { kind: 'ack' }): void => {
    const { signals } = workflowOf(workflow)
    for (const name of signals) later(runId, name, { by: name })
    if (signals.length === 0 && random.chance(cancelled)) later(runId, 'segno.cancel', { reason: 'on a whim' })
  }
  const reading = (async () => {
    for (const reader = lineReader(lines); !stopping.signal.aborted; await delay(lookEveryMs)) {
      for (const entry of entriesOf(reader())) {
        if (entry.kind === 'ack' && entry.type === 'run.created') meet(entry)
      }
    }
  })()
  return {
    async sendRest() {
      await Promise.all(sending)
      for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
        const page = await storage.list(
          // Those that are blocked are going to be taken up again.
          { workflow: 'approval', status: ['queued', 'running', 'waiting', 'blocked'] },
          { limit: 100, ...(cursor === undefined ? {} : { cursor }) },
        )
        for (const { runId, workflow } of page.runs) {
          for (const name of workflowOf(workflow).signals) await send(runId, name, { by: name })
        }
        cursor = page.cursor
      }
    },
    async stop() {
      stopping.abort()
      await reading
      await Promise.all(sending)
      for (const fd of [lines, log]) closeSync(fd)
    },
  }
}

// Gives the lines that have become whole since the last call.
function lineReader(fd: number): () => string[] {
  const buffer = Buffer.alloc(1 << 16)
  let position = 0
  let rest = ''
  return () => {
    for (let read = readSync(fd, buffer, 0, buffer.length, position); read > 0;) {
      rest += buffer.toString('latin1', 0, read)
      position += read
      read = readSync(fd, buffer, 0, buffer.length, position)
    }
    const lines = rest.split('\n')
    rest = lines.pop() ?? ''
    return lines
  }
}
