import type { Subject } from '../subject.ts'
import type { Measure } from '../task.ts'
import { openLedger } from '../workloads/ledger.ts'
import { recovered } from '../workloads/recover.ts'
import { killInTheMiddle } from '../workloads/resume.ts'
import { warmUp } from '../workloads/sequences.ts'

/** W4, warm: a process that is at work already goes on with a run whose process is killed. */
export const measure: Measure = async ({ place, sizes, options }) => {
  const url = new URL(`../subjects/segno-${options['store']}.ts`, import.meta.url).href
  const { subject } = (await import(url)) as { readonly subject: Subject }
  const opened = await subject.open({ ...place, longSteps: sizes.resumeSteps })
  await warmUp(opened)
  const killed = await killInTheMiddle(url, { place, sizes, ledger: `${place.folder}.before` })
  if (killed !== undefined) throw new Error(killed)
  const figures = await recovered(opened, openLedger(`${place.folder}.after`))
  await opened.close()
  return figures
}
