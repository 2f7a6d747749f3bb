import { isLost, runOf, type Store } from './store.ts'

/** `Storage.delete`. What belongs to the run goes with its row. */
export function deleteRun(store: Store, { runId }: { readonly runId: string }, now: number): boolean {
  const run = runOf(store, runId)
  if (run === undefined || (run.expires_at !== null && !isLost(store, run, now))) return false
  store.database.run('DELETE FROM segno_runs WHERE id = ?', run.id)
  return true
}
