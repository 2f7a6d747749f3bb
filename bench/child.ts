/** Does one task in a process of its own, so that each begins with a fresh heap. Its answer goes to the third pipe. */
import { writeSync } from 'node:fs'
import type { Opened, Place, Subject } from './subject.ts'
import type { Answer, Description, Measure, Task, TaskPlace } from './task.ts'
import { versionsFrom } from './versions.ts'
import { openLedger } from './workloads/ledger.ts'
import { fans } from './workloads/fan.ts'
import { long } from './workloads/long.ts'
import { recovered } from './workloads/recover.ts'
import { sequences } from './workloads/sequences.ts'

const answerPipe = 3
const closePatienceMs = 5000
/** Steps of a long run that is not measured: a tenth of the measured one. */
const warmLongSteps = 1000

const task = JSON.parse(process.argv[2] ?? '') as Task
const module: unknown = await import(task.module)
if (task.act === 'measure') {
  tell({ figures: await measureOf(module)({ place: task.place, sizes: task.sizes, options: task.options }) })
} else {
  const subject = subjectOf(module)
  if (task.act === 'describe') tell({ description: describe(subject, task.module) })
  else await perform(task, subject)
}
// What a subject has left open is no reason to stay.
process.exit(0)

async function perform(task: Exclude<Task, { act: 'describe' | 'measure' }>, subject: Subject): Promise<void> {
  const { act, place, sizes } = task
  const isResume = act === 'begin long' || act === 'recover'
  const longSteps = isResume ? sizes.resumeSteps : sizes.longSteps
  if (act === 'W3') await warmLong(subject, place)
  const opened = await subject.open(placeOf(place, longSteps))
  switch (task.act) {
    case 'W1s':
      tell({ figures: await sequences(opened, 1, sizes) })
      break
    case 'W1c':
      tell({ figures: await sequences(opened, 100, sizes) })
      break
    case 'W2':
      tell(opened.fan === undefined ? { leftOut: 'it has no fan-out' } : { figures: await fans(opened, sizes) })
      break
    case 'W3':
      tell(opened.long === undefined ? { leftOut: 'it has no long run' } : { figures: await long(opened, longSteps) })
      break
    case 'begin long':
      await opened.long?.(openLedger(task.ledger))
      break
    case 'recover':
      tell({ figures: await recovered(opened, openLedger(task.ledger)) })
      break
    default:
      task satisfies never
  }
  await closed(opened)
}

// The code of a loop is compiled before one is measured. Only what keeps nothing can be opened twice in one place.
async function warmLong(subject: Subject, place: TaskPlace): Promise<void> {
  if (subject.durability !== 'none') return
  const warm = await subject.open(placeOf(place, warmLongSteps))
  await warm.long?.(() => undefined)
  await closed(warm)
}

function placeOf(place: TaskPlace, longSteps: number): Place {
  return { ...place, longSteps }
}

function describe(subject: Subject, url: string): Description {
  const { name, durability, settings, leftOut = {}, packages } = subject
  return { name, durability, settings, leftOut, versions: versionsFrom(url, packages) }
}

async function closed(opened: Opened): Promise<void> {
  const patience = new Promise((resolve) => setTimeout(resolve, closePatienceMs))
  await Promise.race([opened.close(), patience])
}

function tell(answer: Answer): void {
  writeSync(answerPipe, `${JSON.stringify(answer)}\n`)
}

function subjectOf(module: unknown): Subject {
  if (typeof module === 'object' && module !== null && 'subject' in module) return module.subject as Subject
  throw new Error(`${task.module} exports no subject`)
}

function measureOf(module: unknown): Measure {
  if (typeof module === 'object' && module !== null && 'measure' in module) return module.measure as Measure
  throw new Error(`${task.module} exports no measure`)
}
