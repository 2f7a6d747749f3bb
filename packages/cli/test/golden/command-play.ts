import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createEngine, fileStorage } from 'segno'
import { startSegno, writeFiles } from '../../src/process.fixture.ts'
import { until } from '../regressions/world.ts'
import { journalOf, type Played } from './engine-play.ts'
import type { CommandLine, Play } from './golden-case.ts'
import type { Stage } from './stage.ts'
import { told } from './told.ts'

/** What came of lines for the command. */
export interface PlayedByCommand {
  /** Of each line that is a command. */
  readonly exits: readonly (number | null)[]
  readonly outcome: Played
}

/** Gives the lines of a play to the `segno` command, one after the other, each in a process of its own. */
export async function playByCommand({ commands = [] }: Play, stage: Stage): Promise<PlayedByCommand> {
  const exits: (number | null)[] = []
  for (const line of commands) {
    if (line.writes !== undefined) writeFiles(stage.workspace, line.writes)
    if (line.segno !== undefined) exits.push(await exitOf(line.segno, line.kill, stage))
  }
  return { exits, outcome: await lastRun(stage) }
}

async function exitOf(words: string, kill: CommandLine['kill'], { workspace }: Stage): Promise<number | null> {
  const { child, ended } = startSegno(words, { cwd: workspace })
  if (kill !== undefined) {
    await until(() => existsSync(join(workspace, kill.once)), `the file ${kill.once}`)
    child.kill(kill.signal)
  }
  return (await ended).code
}

/** What the store says of the run that was started last: nothing where none was. */
async function lastRun({ store }: Stage): Promise<Played> {
  if (!existsSync(store)) return { status: 'refused' }
  const storage = fileStorage({ dir: store })
  await using engine = createEngine({ storage })
  const [newest] = (await engine.list()).runs
  if (newest === undefined) return { status: 'refused' }
  const run = engine.run(newest.runId)
  const outcome = told(await run.status(), await journalOf(storage, run))
  await storage.close()
  return outcome
}
