import { setTimeout } from 'node:timers/promises'
import { startChild, type Outcome } from '../child-process.ts'
import type { Figures, Sizes, TaskPlace } from '../task.ts'
import { ledgerLength, readLedger } from './ledger.ts'

/** W4: one process begins a long run and is killed in the middle; another one goes on in the same place. */
export async function resume(module: string, place: TaskPlace, sizes: Sizes): Promise<Outcome> {
  const ledgers = [`${place.folder}.before`, `${place.folder}.after`] as const
  const killed = await killInTheMiddle(module, { place, sizes, ledger: ledgers[0] })
  if (killed !== undefined) return { failed: killed }
  const start = performance.now()
  const task = { act: 'recover', module, place, sizes, ledger: ledgers[1] } as const
  const outcome = await startChild(task, sizes.limitMs).outcome
  if (!('figures' in outcome)) return outcome
  const wholeMs = performance.now() - start
  const [before, after] = [readLedger(ledgers[0]), readLedger(ledgers[1])]
  const all = new Set([...before, ...after])
  if (all.size !== sizes.resumeSteps) return { failed: `${all.size} of ${sizes.resumeSteps} steps were executed` }
  return { figures: { ...outcome.figures, wholeMs, ...repeatedIn(before, after) } }
}

/**
 * Steps that were executed twice; and those of them that had completed for sure: all but the last one of the killed
 * process, since the next one began after it.
 */
export function repeatedIn(before: readonly number[], after: readonly number[]): Figures {
  const last = before.at(-1)
  const twice = [...before, ...after].length - new Set([...before, ...after]).size
  const completedAgain = new Set(after.filter((index) => index !== last && before.includes(index))).size
  return { twice, completedAgain }
}

/** Has one process begin a long run, and kills it in the middle; says why where that failed. */
export async function killInTheMiddle(
  module: string,
  { place, sizes, ledger }: { readonly place: TaskPlace; readonly sizes: Sizes; readonly ledger: string },
): Promise<string | undefined> {
  const child = startChild({ act: 'begin long', module, place, sizes, ledger }, sizes.limitMs)
  let ended: Outcome | undefined
  void child.outcome.then((outcome) => (ended = outcome))
  while (ended === undefined && ledgerLength(ledger) < sizes.resumeSteps / 2) await setTimeout(1)
  const isEarly = ended !== undefined
  child.kill()
  const outcome = await child.outcome
  if (!isEarly) return undefined
  return 'failed' in outcome ? outcome.failed : 'it ended before it was killed'
}
