import { parentPort, workerData } from 'node:worker_threads'
import { sqliteLog } from './sqlite-log.ts'

/** What the thread of the SQLite baseline is asked. */
export type SqliteRequest =
  | { readonly id: number; readonly kind: 'create'; readonly run: string }
  | {
      readonly id: number
      readonly kind: 'record'
      readonly run: string
      readonly step: number
      readonly output: string
    }
  | { readonly id: number; readonly kind: 'count'; readonly run: string }
  | { readonly id: number; readonly kind: 'close' }

/** What it answers. */
export interface SqliteAnswer {
  readonly id: number
  readonly value: number
}

const log = sqliteLog(String(workerData))
parentPort?.on('message', (request: SqliteRequest) => {
  const answer: SqliteAnswer = { id: request.id, value: perform(request) }
  parentPort?.postMessage(answer)
})

function perform(request: SqliteRequest): number {
  switch (request.kind) {
    case 'create':
      log.create(request.run)
      return 0
    case 'record':
      log.record(request.run, request.step, request.output)
      return 0
    case 'count':
      return log.count(request.run)
    case 'close':
      log.close()
      return 0
    default:
      return request satisfies never
  }
}
