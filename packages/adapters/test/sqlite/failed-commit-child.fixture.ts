import { writeSync } from 'node:fs'
import { openDatabase } from '../../src/sqlite/database.ts'
import { faultOf } from '../../src/sqlite/faults.ts'
import { commitGroup } from '../../src/sqlite/group.ts'
import type { Change, Reply } from '../../src/sqlite/protocol.ts'
import type { Store } from '../../src/sqlite/store.ts'
import { appendAfter, creation } from './runs.ts'

// Commits groups until one fails, tells of each run what it was answered, and dies with its log as the commit left it.
const [file = '', size = '', rounds = ''] = process.argv.slice(2)
const runIds = ['run', 'a', 'b']

const answers = runIds.map((): string[] => [])
try {
  const store: Store = { database: openDatabase(file), identity: () => '{}', isDead: () => false }
  let isBroken = commit(store, runIds.map(creation))
  for (let head = 1; head <= Number(rounds) && !isBroken; head++) {
    isBroken = commit(store, runIds.map(appendAfter(head, 'x'.repeat(Number(size)))))
  }
} catch (error) {
  const { code, ambiguous } = faultOf(error, false)
  for (const told of answers) told.push(textOf({ code, ambiguous }))
}
writeSync(1, JSON.stringify(answers))
process.kill(process.pid, 'SIGKILL')

function commit(store: Store, changes: readonly Change[]): boolean {
  const { replies, isBroken } = commitGroup(store, changes, Date.now)
  for (const [n, reply] of replies.entries()) answers[n]?.push(answerOf(reply))
  return isBroken
}

function answerOf(reply: Reply): string {
  return 'fault' in reply ? textOf(reply.fault) : (reply.answer as { readonly outcome: string }).outcome
}

function textOf({ code, ambiguous }: { readonly code: string; readonly ambiguous: boolean }): string {
  return `${code}, ${ambiguous ? 'perhaps written' : 'not written'}`
}
