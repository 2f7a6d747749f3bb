import type { Store } from './store.ts'

/** The number of this process in the database, under which it holds leases. */
export function processOf({ database, identity }: Store): number {
  database.run('INSERT INTO segno_processes (identity) VALUES (?) ON CONFLICT DO NOTHING', identity)
  const known = database.one<{ id: number }>('SELECT id FROM segno_processes WHERE identity = ?', identity)
  if (known === undefined) throw new Error('the process is not in the table that it was put into')
  return known.id
}

/** The numbers of processes that are known to have ended. */
export function deadProcesses({ database, isDead }: Store): readonly number[] {
  const known = database.all<{ id: number; identity: string }>('SELECT id, identity FROM segno_processes')
  return known.filter(({ identity }) => isDead(identity)).map(({ id }) => id)
}

/** Ends the leases of processes that have ended, so that their runs are due, and forgets the processes. */
export function bury({ database }: Store, dead: readonly number[], now: number): void {
  for (const process of dead) {
    const sql =
      'UPDATE segno_runs SET expires_at = min(expires_at, ?), due_at = min(due_at, ?), process = NULL WHERE process = ?'
    database.run(sql, now, now, process)
    database.run('DELETE FROM segno_processes WHERE id = ?', process)
  }
}
