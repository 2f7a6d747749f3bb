import { setTimeout as delay } from 'node:timers/promises'
import { settled } from '@segno/core/testing'
import {
  createEngine,
  fileStorage,
  isTerminal,
  loadWorkflow,
  memoryStorage,
  parseDuration,
  SegnoError,
  type RunEvent,
  type RunHandle,
  type Storage,
  type Workflow,
} from 'segno'
import { writeFiles } from '../../src/process.fixture.ts'
import type { Happening, Play } from './golden-case.ts'
import { machineOn } from './machine.ts'
import type { Stage } from './stage.ts'
import { steppedClock, type SteppedClock } from './stepped-clock.ts'
import { told, type Told } from './told.ts'

/** What came of a play. */
export interface Played extends Told {
  /** Of virtual time. */
  readonly tookMs?: number
}

const dayMs = 86_400_000

/** Plays a run on an engine in this process: in virtual time where the play tells how long it takes, else in real time. */
export async function playOnEngine(play: Play, stage: Stage): Promise<Played> {
  const { workflow, mistakes } = load(play, stage)
  if (workflow === undefined) return { status: 'refused', refused: mistakes }
  try {
    return await (play.expect.took === undefined ? playInRealTime : playInVirtualTime)(workflow, play, stage)
  } catch (error) {
    if (!SegnoError.is(error)) throw error
    return { status: 'refused', refused: [error.code] }
  }
}

// Warnings count as mistakes: nothing that is warned of is shown as the way to write it.
function load({ workflow: file = 'flow.segno.yaml' }: Play, stage: Stage): { workflow?: Workflow; mistakes: string[] } {
  const { workflow, diagnostics } = loadWorkflow(stage.text(file) ?? '', {
    ...{ file, handlers: ['exec', 'run', 'watch'], read: (path) => stage.text(path) },
  })
  const mistakes = diagnostics.map(({ code, pointer }) => `${code} at ${pointer}`)
  return { mistakes, ...(workflow && mistakes.length === 0 && { workflow }) }
}

async function playInRealTime(workflow: Workflow, play: Play, stage: Stage): Promise<Played> {
  const storage = fileStorage({ dir: stage.store })
  const { isBusy: _, ...machine } = machineOn(play, stage)
  await using engine = createEngine({ storage, ...machine })
  const run = await engine.start(workflow, play.input)
  for await (const { type } of run.events()) if (type === 'step.blocked' || type === 'run.blocked') break
  const outcome = told(await run.status(), await journalOf(storage, run))
  await storage.close()
  return outcome
}

async function playInVirtualTime(workflow: Workflow, play: Play, stage: Stage): Promise<Played> {
  const clock = steppedClock()
  const storage = memoryStorage({ now: clock.now })
  const { isBusy, ...machine } = machineOn(play, stage)
  await using engine = createEngine({ clock, storage, ...machine, limits: { leaseMs: dayMs } })
  const startedAt = clock.now()
  const run = await engine.start(workflow, play.input)
  const world = { run, clock, stage, startedAt, happenings: [...(play.happens ?? [])] }
  for (;;) {
    await settled()
    const status = await run.status()
    if (isTerminal(status) || status === 'blocked') break
    if (await comes(world)) continue
    // Time stands still while a process works.
    if (isBusy()) await delay(1)
    else if (!(await clock.step(Math.min(dueAt(world), startedAt + 365 * dayMs)))) break
  }
  const events = await journalOf(storage, run)
  const tookMs = (events.at(-1)?.at ?? startedAt) - startedAt
  return { ...told(await run.status(), events), tookMs }
}

interface World {
  readonly run: RunHandle
  readonly clock: SteppedClock
  readonly stage: Stage
  readonly startedAt: number
  readonly happenings: Happening[]
}

/** When what happens next does, where that is told by the clock. */
function dueAt({ startedAt, happenings: [next] }: World): number {
  return next?.at === undefined ? Infinity : startedAt + millis(next.at)
}

/** Lets happen what happens next, if it is time for it. */
async function comes(world: World): Promise<boolean> {
  const { run, clock, stage, happenings } = world
  const [next] = happenings
  if (next === undefined) return false
  const isDue = next.once === undefined ? dueAt(world) <= clock.now() : stage.text(next.once) !== undefined
  if (!isDue) return false
  happenings.shift()
  if (next.passes !== undefined) await clock.advanceTo(clock.now() + millis(next.passes))
  if (next.writes !== undefined) writeFiles(stage.workspace, next.writes)
  if (next.answers !== undefined) await answer(run, next.answers)
  return true
}

async function answer(run: RunHandle, { to, by, ...given }: Happening['answers'] & object): Promise<void> {
  const task = (await run.tasks()).find(({ path }) => path === to)
  if (task === undefined) throw new Error(`nothing is asked at ${to}`)
  await run.answer(task, given, by === undefined ? {} : { by })
}

/** All that the journal of a run holds, also of one that has not ended. */
export async function journalOf(storage: Storage, run: RunHandle): Promise<RunEvent[]> {
  const events: RunEvent[] = []
  for await (const page of storage.read(run.id, 1)) events.push(...page)
  return events
}

/** A duration of a case, in milliseconds. */
export function millis(text: string): number {
  const ms = parseDuration(text)
  if (ms === undefined) throw new Error(`no duration: ${text}`)
  return ms
}
