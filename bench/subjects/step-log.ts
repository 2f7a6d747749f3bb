import { payload, type Opened } from '../subject.ts'

/** What remembers the steps of runs, as durably as it does, and nothing else: the least that an engine has to do. */
export interface StepLog {
  create(run: string): Promise<void>
  /** Resolves when the step counts as done. */
  record(run: string, step: number, output: string): Promise<void>
  end(run: string): Promise<void>
  /** How many steps of a run are there, as another process finds it. The run can be gone on with. */
  resume(run: string): Promise<number>
  close(): Promise<void>
}

const sequenceSteps = 10
const longRun = 'long'

/** Loops that perform a step and remember it. */
export function openLog(log: StepLog, longSteps: number): Opened {
  let runs = 0
  const step = async (run: string, index: number): Promise<void> =>
    log.record(run, index, JSON.stringify(await trivial()))
  const goOn = async (from: number, onStep: (index: number) => void): Promise<void> => {
    for (let index = from; index < longSteps; index++) {
      onStep(index)
      await step(longRun, index)
    }
    await log.end(longRun)
  }
  return {
    async sequence() {
      const run = String(runs++)
      await log.create(run)
      for (let index = 0; index < sequenceSteps; index++) await step(run, index)
      await log.end(run)
    },
    async fan(count) {
      const run = String(runs++)
      await log.create(run)
      await Promise.all(Array.from({ length: count }, (_, index) => step(run, index)))
      await log.end(run)
    },
    async long(onStep) {
      await log.create(longRun)
      await goOn(0, onStep)
    },
    recover: async (onStep) => goOn(await log.resume(longRun), onStep),
    close: () => log.close(),
  }
}

async function trivial(): Promise<typeof payload> {
  return payload
}
