import type { Json, RunDocument } from '@segno/schema'
import { failedStep, type Progress, type StepProgress } from './progress/progress.ts'

/** How a run stands when the command lets go of it. */
export interface Standing {
  readonly status: RunDocument['status']
  readonly output?: Readonly<Record<string, Json>>
}

/** The run as one document. */
export function runDocument(progress: Progress, { status, output }: Standing): RunDocument {
  const { runId, workflow, version, startedAt, endedAt, failure } = progress
  const reason = progress.reason ?? progress.held
  const failedAt = failedStep(progress)?.path
  return {
    v: 1,
    runId,
    workflow,
    ...(version !== undefined && { version }),
    status,
    startedAt,
    ...(endedAt !== undefined && { endedAt, durationMs: endedAt - startedAt }),
    ...(output !== undefined && { output: { ...output } }),
    ...(failure !== undefined && { failure }),
    ...(failedAt !== undefined && { failedStep: failedAt }),
    ...(reason !== undefined && { reason }),
    steps: [...progress.steps.values()].flatMap(stepDocument),
  }
}

// A pass of a loop is no step: those in it are.
function stepDocument(step: StepProgress): RunDocument['steps'] {
  const { path, declared, status, attempt, startedAt, endedAt, failure } = step
  if (declared === undefined) return []
  const durationMs = startedAt === undefined || endedAt === undefined ? undefined : endedAt - startedAt
  return [
    {
      path,
      id: declared.id,
      kind: declared.kind,
      status,
      attempts: attempt,
      ...(startedAt !== undefined && { startedAt }),
      ...(endedAt !== undefined && { endedAt }),
      ...(durationMs !== undefined && { durationMs }),
      ...(failure !== undefined && { failure }),
    },
  ]
}
