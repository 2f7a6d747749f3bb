import { foundRun, isLost, type Store } from './store.ts'

/** `Storage.delete`, also of a run whose row is damaged. What belongs to the run goes with its row. */
export function deleteRun(store: Store, { runId }: { readonly runId: string }, now: number): boolean {
  const run = foundRun(store, runId)
  if (run === undefined || (run.expires_at !== null && !isLost(store, run, now))) return false
  store.known?.runs.delete(runId)
  store.database.run('DELETE FROM segno_runs WHERE id = ?', run.id)
  return true
}
