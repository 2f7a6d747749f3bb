import { cpSync, readdirSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { StorageFault, type Transaction } from '@segno/core'
import { sqliteStorage } from '../../src/sqlite/index.ts'
import { batch, claim, eventsOf } from './runs.ts'

// Writes to a database until there is no more room for it, makes room if it can, and tells what it was answered.
const [folder = '', copy] = process.argv.slice(2)
const file = `${folder}/runs.db`
const ballast = `${folder}/ballast`
const runIds = ['run', 'a', 'b']
const text = 'x'.repeat(30_000)
const lease = { runId: 'run', incarnation: 'run-1', token: 1 }

if (copy !== undefined) writeFileSync(ballast, Buffer.alloc(400_000))
const storage = sqliteStorage({ file })
for (const runId of runIds) await claim(storage, runId)

let head = 1
let first = await appendTo('run')
for (; first === 'ok'; first = await appendTo('run')) head += 1
const together = await Promise.all(runIds.map(appendTo))
const transaction = await inTransaction()
const heads = await headsNow()
const read = (await eventsOf(storage, 'run')).length
rmSync(ballast, { force: true })
const afterwards = copy === undefined ? [] : await Promise.all(runIds.map(appendTo))
await storage.close()
// What is mounted for this process goes with it.
if (copy !== undefined) {
  for (const name of readdirSync(folder)) cpSync(`${folder}/${name}`, `${copy}/${name}`)
}
writeSync(1, JSON.stringify({ head, first, together, transaction, heads, read, afterwards }))

/** Appends the next event of a run. */
function appendTo(runId: string): Promise<string> {
  return answerOf(async () => (await storage.append(batch(runId, runId === 'run' ? head : 1, text))).outcome)
}

async function inTransaction(): Promise<string> {
  const begun: Transaction | undefined = await storage.begin(lease, { timeoutMs: 5_000 })
  return answerOf(async () => (await begun?.append(batch('run', head, text)))?.outcome ?? 'not begun')
}

async function headsNow(): Promise<unknown[]> {
  return Promise.all(runIds.map(async (runId) => (await storage.row(runId))?.head))
}

async function answerOf(work: () => Promise<string>): Promise<string> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof StorageFault)) throw error
    return `${error.code}, ${error.ambiguous ? 'perhaps written' : 'not written'}: ${error.message}`
  }
}
