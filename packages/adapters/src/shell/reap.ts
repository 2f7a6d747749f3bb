import { readFile } from 'node:fs/promises'
import type { CommandContext, Evidence } from '@segno/core'
import { identityOf } from '../process/process-identity.ts'
import type { ProcessIdentity } from '../process/process-identity.ts'
import { readRecord } from './attempt-record.ts'
import { systemCode } from './command-failure.ts'
import { endGroup, membersOf } from './process-group.ts'

/**
 * Ends what an earlier attempt of the same step has left alive: its host was killed
 * together with its watchdog, or still runs but has lost the run. Looks no further
 * back than the last attempt of this host, which did the same before it began.
 */
export async function reapEarlier(evidence: Evidence, context: CommandContext): Promise<void> {
  for (let attempt = context.attempt; attempt >= 1; attempt--) {
    const record = await readRecord(evidence.folder(context.runId, context.path, attempt))
    if (record === undefined || !isOfThisHost(record.identity)) continue
    if (record.hasEnded || !(await isLeftOver(record.identity, context))) return
    const members = await endGroup(record.identity.pid)
    const names = members.map(({ pid, name }) => `${pid} (${name})`).join(', ')
    // A leader that nobody has taken notice of is still there, and is not alive.
    if (names !== '') context.log(`killed what attempt ${attempt} had left alive: ${names}`)
    return
  }
}

function isOfThisHost({ host, boot, namespace }: ProcessIdentity): boolean {
  const own = identityOf(process.pid)
  return boot !== undefined && host === own.host && boot === own.boot && namespace === own.namespace
}

// A number says nothing by itself: it may belong to somebody else by now. The group is the attempt's while its leader is
// the very process that was recorded, and after that while somebody in it was started for this run and step: a number is
// given anew only when its group is empty, so that no group holds some of ours and some of others.
async function isLeftOver(identity: ProcessIdentity, context: CommandContext): Promise<boolean> {
  const { startTime } = identityOf(identity.pid)
  if (startTime !== undefined) return startTime === identity.startTime
  const members = (await membersOf(identity.pid)) ?? []
  const areOurs = await Promise.all(members.map(({ pid }) => wasStartedFor(pid, context)))
  return areOurs.includes(true)
}

async function wasStartedFor(pid: number, { runId, path }: CommandContext): Promise<boolean> {
  try {
    const variables = (await readFile(`/proc/${pid}/environ`, 'utf8')).split('\0')
    return variables.includes(`SEGNO_RUN_ID=${runId}`) && variables.includes(`SEGNO_STEP=${path}`)
  } catch (error) {
    // Of another user, or gone.
    if (systemCode(error) !== undefined) return false
    throw error
  }
}
