import type { RunFilter, RunRow } from './storage.ts'

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
