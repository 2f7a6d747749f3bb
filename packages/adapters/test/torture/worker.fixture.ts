import { openSync, writeSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { environmentSecrets } from '@segno/adapters/secrets'
import { nodeShell } from '@segno/adapters/shell'
import { createEngine, type RunStatus, type StartOptions } from '@segno/core'
import { seededRandom } from '@segno/core/testing'
import { tortureHandlers } from './handlers.ts'
import { writeAck } from './ledger.ts'
import { mutantLeaseMs, mutantSecrets, mutantShell, mutantStorage, mutantWorkflow } from './mutants.ts'
import { secret, secretName } from './secret.ts'
import { openStore } from './store-place.ts'
import { surely } from './surely.ts'
import type { WorkerOptions } from './worker-options.ts'
import { workflowsOf } from './workflows.ts'

// A host as anybody could write it: takes up what others left, starts runs, and is killed at any moment.
const options = JSON.parse(process.argv[2] ?? '') as WorkerOptions
const { name, mutant } = options
const ledger = openSync(options.ledger, 'a')
const store = openStore(options.store)
const storage = mutantStorage(mutant, store.storage, options.store)
const env = ['TORTURE_LEDGER', 'TORTURE_WORKER']
const shell = mutantShell(mutant, nodeShell({ workspace: options.workspace, evidence: store.evidence, env }))
const engine = createEngine({
  storage,
  shell,
  handlers: tortureHandlers(ledger, options.store),
  owner: name,
  secrets: mutantSecrets(mutant, environmentSecrets({ env: { [secretName]: secret } })),
  limits: { leaseMs: mutantLeaseMs(mutant, options.leaseMs) },
  logger: { log: (_, message, details) => process.stderr.write(`${message} ${JSON.stringify(details) ?? ''}\n`) },
})
const open: readonly RunStatus[] = ['queued', 'running', 'waiting', 'paused', 'cancelling']
const recoverEveryMs = 100

const workflows = workflowsOf(options.store.kind)
const live = new Set<string>()
let hasTold = false
engine.on('*', (event) => {
  writeAck(ledger, name, event)
  if (!hasTold) writeSync(1, 'acknowledged\n')
  hasTold = true
  if (/^run\.(completed|failed|cancelled|blocked)$|^step\.blocked$/.test(event.type)) live.delete(event.runId)
})

await surely(() => engine.recover())
await refresh()
if (options.live > 0) await startRuns()
else await endRuns()

async function refresh(): Promise<void> {
  live.clear()
  for (const runId of await openRuns()) live.add(runId)
}

// What another host has brought to its end is not heard of here.
async function forgetEnded(): Promise<void> {
  const all = await openRuns()
  for (const runId of live) if (!all.has(runId)) live.delete(runId)
}

async function openRuns(): Promise<ReadonlySet<string>> {
  const all = new Set<string>()
  for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
    const next = { limit: 100, ...(cursor === undefined ? {} : { cursor }) }
    const page = await surely(() => engine.list({ status: open }, next))
    for (const { runId } of page.runs) all.add(runId)
    cursor = page.cursor
  }
  return all
}

async function startRuns(): Promise<void> {
  const random = seededRandom(options.seed)
  // Another worker may start a run under this key too: then it is one run.
  const first = start(0, 1, { idempotencyKey: options.idempotencyKey })
  for (let count = 0, recoveredAt = performance.now(); ;) {
    const missing = Array.from({ length: options.live - live.size }, () => (count += 1))
    const starts = missing.map((n) =>
      start(random.integer(workflows.length), random.integer(1000), { id: `${name}-${n}` }),
    )
    await Promise.all([first, ...starts])
    await delay(5)
    if (performance.now() - recoveredAt < recoverEveryMs) continue
    await surely(() => engine.recover())
    await forgetEnded()
    recoveredAt = performance.now()
  }
}

async function start(which: number, n: number, how: StartOptions): Promise<void> {
  const definition = workflows[which]?.definition
  if (definition === undefined) throw new RangeError(`there is no workflow ${which}`)
  const run = await surely(() => engine.start(mutantWorkflow(mutant, definition), { n }, how))
  live.add(run.id)
  if (!open.includes(await surely(() => run.status()))) live.delete(run.id)
}

async function endRuns(): Promise<void> {
  for (;;) {
    await surely(() => engine.recover())
    const unblocked = await unblock()
    await refresh()
    if (unblocked + live.size === 0) break
    await delay(50)
  }
  await engine.close()
  await store.close()
  writeSync(1, 'idle\n')
}

// A run that was taken up again and again, and killed each time before it got further, waits for an operator.
async function unblock(): Promise<number> {
  const { runs } = await surely(() => engine.list({ status: ['blocked'] }, { limit: 1000 }))
  const wanted = runs.filter(({ workflow }) => workflow !== 'careful')
  await Promise.all(wanted.map(({ runId }) => surely(() => engine.run(runId).retry())))
  return wanted.length
}
