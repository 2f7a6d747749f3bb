import { isSound, runWriter, type RunRecord, type Store } from './store.ts'

/** The number of this process in the database, under which it holds leases. */
export function processOf({ database, identity, known: memory }: Store): number {
  if (memory?.process !== undefined) return memory.process
  const text = identity()
  database.run('INSERT INTO segno_processes (identity) VALUES (?) ON CONFLICT DO NOTHING', text)
  const known = database.one<{ id: number }>('SELECT id FROM segno_processes WHERE identity = ?', text)
  if (known === undefined) throw new Error('the process is not in the table that it was put into')
  if (memory !== undefined) memory.process = known.id
  return known.id
}

/** The numbers of processes that are known to have ended. */
export function deadProcesses({ database, isDead }: Store): readonly number[] {
  const known = database.all<{ id: number; identity: string }>('SELECT id, identity FROM segno_processes')
  return known.filter(({ identity }) => isDead(identity)).map(({ id }) => id)
}

const writeBuried = runWriter(['expires_at', 'due_at', 'process'])

/** Ends the leases of processes that have ended, so that their runs are due, and forgets the processes. */
export function bury(store: Store, dead: readonly number[], now: number): void {
  const { database } = store
  for (const process of dead) {
    const runs = database.all<RunRecord>('SELECT * FROM segno_runs WHERE process = ?', process)
    for (const run of runs.filter(isSound)) {
      const { expires_at: expiresAt, due_at: dueAt } = run
      writeBuried(store, run, { expires_at: earlier(expiresAt, now), due_at: earlier(dueAt, now), process: null })
    }
    // A run that is damaged still names its process.
    database.run('UPDATE segno_runs SET process = NULL WHERE process = ?', process)
    database.run('DELETE FROM segno_processes WHERE id = ?', process)
  }
  if (dead.length > 0) store.known?.clear()
}

function earlier(at: number | null, now: number): number | null {
  return at === null ? null : Math.min(at, now)
}
