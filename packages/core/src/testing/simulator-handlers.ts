import type { RunEvent } from '@segno/schema/plan'
import type { Clock } from '../ports/clock.ts'
import type { HandlerContext } from '../runtime/handler.ts'
import { onceHandler } from './simulator-workload.ts'
import type { Work } from './simulator-workload.ts'
import type { TestHandlers } from './work-under-test.ts'

/** The handlers of random workflows: they do what their input tells them, whoever asks and however often. */
export function simulatedHandlers(clock: Clock, journal: (runId: string) => readonly RunEvent[]): TestHandlers {
  const perform = (context: HandlerContext, work: Work): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const { runId, path, signal } = context
      const finish = (): void => {
        if (failures(journal(runId), path) >= work.fails) resolve({ value: work.value })
        else reject(Object.assign(new Error('not yet'), { code: 'NOT_YET', retryable: true }))
      }
      const cancel = work.hangs ? undefined : clock.schedule(work.ms, finish)
      if (work.deaf) return
      signal.addEventListener('abort', () => {
        cancel?.()
        reject(signal.reason as Error)
      })
    })
  return { work: { perform }, [onceHandler]: { perform, effect: 'once' } } as TestHandlers
}

/** How often the step has failed so far: a crash does not count. */
function failures(events: readonly RunEvent[], path: string): number {
  return events.filter((event) => event.type === 'attempt.failed' && event.path === path).length
}
