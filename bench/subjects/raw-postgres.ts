import { Pool } from 'pg'
import type { Subject } from '../subject.ts'
import { openLog, type StepLog } from './step-log.ts'

const connectionsMax = 16

/** One commit for each step. Who runs one after another uses one connection. */
export const subject: Subject = {
  name: 'raw postgres',
  packages: ['pg'],
  durability: 'power loss',
  settings: `synchronous_commit=on; a commit for each step, at most ${connectionsMax} connections`,
  async open({ postgresUrl, longSteps }) {
    const pool = new Pool({ connectionString: postgresUrl, max: connectionsMax })
    await pool.query(`
      CREATE TABLE IF NOT EXISTS runs (run text PRIMARY KEY, created timestamptz NOT NULL DEFAULT now());
      CREATE TABLE IF NOT EXISTS steps (run text, step integer, output text NOT NULL, PRIMARY KEY (run, step))`)
    return openLog(postgresLog(pool), longSteps)
  },
}

function postgresLog(pool: Pool): StepLog {
  return {
    async create(run) {
      await pool.query({ name: 'create', text: 'INSERT INTO runs (run) VALUES ($1)', values: [run] })
    },
    async record(run, step, output) {
      await pool.query({ name: 'record', text: 'INSERT INTO steps VALUES ($1, $2, $3)', values: [run, step, output] })
    },
    end: async () => undefined,
    async resume(run) {
      const { rows } = await pool.query<{ count: string }>('SELECT count(*) FROM steps WHERE run = $1', [run])
      return Number(rows[0]?.count)
    },
    close: () => pool.end(),
  }
}
