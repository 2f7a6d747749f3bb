import type { Engine } from '@segno/core'
import type { Screen } from './common-options.ts'
import { exitCodes, type ExitCode } from './exit-code.ts'
import { Family, relativesOf } from './family.ts'
import { follow } from './follow.ts'
import { stoppingText } from './interrupt.ts'
import { keep } from './keeper.ts'
import { nextCommands } from './next-commands.ts'
import { outcomeOf, type Outcome } from './outcome.ts'
import { newProgress } from './progress/progress.ts'
import { knownWorkflow } from './run-origin.ts'
import { epilogue } from './screen/epilogue.ts'
import { excerptOf } from './step-output.ts'
import type { Store } from './store.ts'

/** What runs are driven with that wait for one that has ended. */
export interface ParentOptions {
  readonly engine: Engine
  readonly screen: Screen
  readonly store: Store
  readonly same: readonly string[]
  /** Why the engine could not drive a run. */
  readonly why: (runId: string) => string | undefined
  /** When to let go of them. */
  readonly stop: Promise<ExitCode>
  /** Where their last words go; nowhere unless given. */
  readonly write?: (text: string) => void
}

/**
 * Goes on with the run that waited for one, and with the one that waits for that:
 * the engine that has ended a run takes up whoever waits for it, and what it then
 * begins is not cut off. Gives the code of `stop` where that came first.
 */
export async function driveParents(runId: string, options: ParentOptions): Promise<ExitCode | undefined> {
  let parent: string | undefined = runId
  while (parent !== undefined) {
    const driven: Driven | undefined = await driveParent(parent, options)
    if (driven?.code !== undefined) return driven.code
    parent = driven?.parent
  }
  return undefined
}

interface Driven {
  /** Of `stop`. */
  readonly code?: ExitCode
  readonly parent?: string
}

async function driveParent(runId: string, options: ParentOptions): Promise<Driven | undefined> {
  const { engine, screen, store, why, stop } = options
  const { storage } = store
  const row = await storage.row(runId)
  if (row === undefined) return undefined
  const workflow = await knownWorkflow(row, storage, screen.cwd)
  const progress = newProgress(workflow.definition)
  const family = new Family(storage, progress)
  const run = engine.run(runId)
  const keeper = await keep({ engine, storage, runId, why, withStarted: true })
  try {
    const first = await Promise.race([follow(run, { progress, family }, () => undefined), keeper.failed, stop])
    const outcome: Outcome =
      typeof first === 'number'
        ? { ending: first === exitCodes.waiting ? 'let go' : 'interrupted', code: first }
        : await outcomeOf(run, first)
    const relatives = await relativesOf(runId, { progress, family, store })
    const { ending } = outcome
    const lines = epilogue(progress, {
      ...screen.look,
      ...{ ending, color: screen.color, now: Date.now(), volatile: store.volatile, open: relatives.open },
      ...(workflow.source && { source: workflow.source }),
      next: nextCommands(progress, { ending, volatile: store.volatile, same: options.same, ...relatives }),
      excerpt: excerptOf(store.evidence, runId, screen.cwd),
    })
    if (ending === 'interrupted') options.write?.(stoppingText)
    options.write?.(`${lines.join('\n')}\n`)
    if (typeof first === 'number') return { code: first }
    return relatives.parent === undefined ? {} : { parent: relatives.parent }
  } finally {
    keeper.stop()
  }
}
