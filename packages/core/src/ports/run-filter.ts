import type { RunFilter, RunRow, Storage } from './storage.ts'

/** Whether a run is one of those that a filter asks for. */
export function fitsFilter(row: Pick<RunRow, 'status' | 'workflow' | 'labels'>, filter: RunFilter): boolean {
  if (filter.status !== undefined && !filter.status.includes(row.status)) return false
  if (filter.workflow !== undefined && filter.workflow !== row.workflow) return false
  return hasLabels(row.labels, filter.labels)
}

/** Whether a run has all of `wanted`. */
export function hasLabels(labels: RunRow['labels'], wanted: RunRow['labels'] | undefined): boolean {
  return Object.entries(wanted ?? {}).every(([name, value]) => Object.hasOwn(labels, name) && labels[name] === value)
}

/** Whether a run that is due is one of those that somebody wants to acquire. */
export function isWanted(
  { runId, labels, workflow, plan }: Pick<RunRow, 'runId' | 'labels' | 'workflow' | 'plan'>,
  wanted: Pick<Parameters<Storage['acquire']>[0], 'labels' | 'workflows' | 'except'>,
): boolean {
  if (wanted.workflows?.includes(workflow) === false) return false
  if (wanted.except?.plans?.includes(plan) === true || wanted.except?.runIds?.includes(runId) === true) return false
  return hasLabels(labels, wanted.labels)
}
