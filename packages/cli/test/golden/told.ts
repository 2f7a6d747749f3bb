import type { Failure, RunEvent, RunStatus } from 'segno'
import type { Expected, FailureTold } from './golden-case.ts'

/** What came of a run, in the words of a case: nothing that is empty. */
export type Told = Omit<Expected, 'status' | 'took' | 'files'> & { readonly status: RunStatus | 'refused' }

/** Tells what came of a run by its journal. */
export function told(status: RunStatus, events: readonly RunEvent[]): Told {
  return { status, ...endOf(events), ...pathOf(events) }
}

/** The same of what a case expects. */
export function toldBy({ took: _took, files: _files, ...expected }: Expected): Told {
  return expected
}

function endOf(events: readonly RunEvent[]): Pick<Told, 'output' | 'failure'> {
  const last = events.findLast(({ type }) => type.startsWith('run.') || type === 'step.blocked')
  switch (last?.type) {
    case 'run.completed':
      return { output: last.output as Expected['output'] & object }
    case 'run.failed':
      return { failure: failureTold(last.failure, originOf(last.failure, events)) }
    case 'run.blocked':
      return { failure: { code: last.because.code } }
    case 'step.blocked':
      return { failure: failureTold(last.failure, last.path) }
    default:
      return {}
  }
}

// A failure goes from a step to the blocks around it as it is, but for what failed after it: where it is told first, it
// came up.
function originOf({ code, message }: Failure, events: readonly RunEvent[]): string | undefined {
  for (const event of events) {
    if (event.type === 'step.failed' && event.failure.code === code && event.failure.message === message) {
      return event.path
    }
  }
  return undefined
}

function failureTold({ code, details }: Failure, at: string | undefined): FailureTold {
  const exitCode = (details as { readonly exitCode?: number } | undefined)?.exitCode
  return { code, ...(at !== undefined && { at }), ...(exitCode !== undefined && { exitCode }) }
}

/** The way that a run took. */
function pathOf(events: readonly RunEvent[]): Pick<Told, 'iterations' | 'states' | 'skipped' | 'attempts'> {
  const iterations = new Map<string, number>()
  const states = new Map<string, readonly string[]>()
  const attempts = new Map<string, number>()
  const skipped: string[] = []
  for (const event of events) {
    if (event.type === 'step.started' && (event.count ?? event.max) !== undefined) iterations.set(event.path, 0)
    if (event.type === 'iteration.started') iterations.set(event.path, (iterations.get(event.path) ?? 0) + 1)
    if (event.type === 'state.entered') states.set(event.path, [...(states.get(event.path) ?? []), event.state])
    if (event.type === 'attempt.started') attempts.set(event.path, (attempts.get(event.path) ?? 0) + 1)
    if (event.type === 'step.skipped') skipped.push(event.path)
  }
  const repeated = [...attempts].filter(([, count]) => count > 1)
  return {
    ...(iterations.size > 0 && { iterations: Object.fromEntries(iterations) }),
    ...(states.size > 0 && { states: Object.fromEntries(states) }),
    ...(skipped.length > 0 && { skipped }),
    ...(repeated.length > 0 && { attempts: Object.fromEntries(repeated) }),
  }
}
