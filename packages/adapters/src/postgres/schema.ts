import { SegnoError } from '@segno/core'
import { appendFunction, appendManyFunction, createFunction, deleteFunction, deliverFunction } from './functions.ts'
import { acquireFunction, buryFunction, processFunction } from './lease-functions.ts'

/** What brings the tables from one version to the next, in order; the first one makes them. None of these is changed once it is out. */
export function migrations(schema: string): readonly string[] {
  return [[tables(schema), tablesOfRun(schema)].join('\n'), processes(schema), functionsOnly]
}

/** The functions of the current version, in place of all of another one's. Said anew after every migration. */
export function functions(schema: string): string {
  const dropped = functionNames.map((name) => `DROP FUNCTION IF EXISTS ${schema}.${name};`).join('\n')
  const made = [clock, writeClock, rowOfRun, appendFunction, appendManyFunction, createFunction, deleteFunction]
  const others = [deliverFunction, buryFunction, acquireFunction, processFunction]
  return [dropped, ...[...made, ...others].map((make) => make(schema))].join('\n')
}

const functionNames = [
  ...['now_ms', 'write_ms', 'run_row', 'append', 'append_next', 'append_many', 'create_run', 'delete_run', 'deliver'],
  ...['bury', 'acquire', 'process_of'],
]

/** The name of a schema, or an error that says why it cannot be one. */
export function schemaName(name: string): string {
  // PostgreSQL cuts longer names off: two of them would be one schema. A `$` could end the body of a function.
  if (Buffer.byteLength(name) <= 63 && name.isWellFormed() && /^[^\0$]+$/.test(name)) return name
  const message = `schema: ${JSON.stringify(name)} cannot be the name of a schema: expected 1 to 63 bytes without $ and NUL.`
  throw new SegnoError('ARGUMENT_INVALID', message)
}

/** A name in SQL text. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

// Instants are `float8`, which holds every number that JavaScript has. What a run is made of is JSON in `text`:
// `jsonb` would change the order of its fields and refuse `\\u0000`.
// `runs.due_at` is when somebody may take the run over: a leased run is due when its lease runs out, so the runs that
// are held are behind those that are due, and cost a look for work nothing. NULL: it waits for a message, or has ended.
const tables = (schema: string): string => `
CREATE TABLE ${schema}.plans (
  hash text COLLATE "C" PRIMARY KEY,
  definition text NOT NULL
);
CREATE TABLE ${schema}.runs (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  run_id text COLLATE "C" NOT NULL UNIQUE,
  incarnation text COLLATE "C" NOT NULL,
  workflow text COLLATE "C" NOT NULL,
  plan text NOT NULL,
  labels text NOT NULL,
  label_pairs text[] COLLATE "C" NOT NULL,
  parent_run_id text,
  parent_path text,
  idempotency_key text COLLATE "C",
  input_hash text NOT NULL,
  status text COLLATE "C" NOT NULL,
  head bigint NOT NULL,
  wake_at float8,
  created_at float8 NOT NULL,
  updated_at float8 NOT NULL,
  inbox_head bigint NOT NULL DEFAULT 0,
  token bigint NOT NULL DEFAULT 0,
  owner text NOT NULL DEFAULT '',
  lease_expires_at float8,
  due_at float8,
  batch_token bigint,
  batch_ids text[] COLLATE "C" NOT NULL DEFAULT '{}',
  batches text[] NOT NULL DEFAULT '{}'
) WITH (fillfactor = 70);
CREATE UNIQUE INDEX runs_idempotency ON ${schema}.runs (workflow, idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX runs_due ON ${schema}.runs (due_at, id) WHERE due_at IS NOT NULL;
CREATE INDEX runs_status ON ${schema}.runs (status, id);
CREATE INDEX runs_workflow ON ${schema}.runs (workflow, id);
CREATE INDEX runs_labels ON ${schema}.runs USING gin (label_pairs);
`

const tablesOfRun = (schema: string): string => `
CREATE TABLE ${schema}.journal (
  run bigint NOT NULL REFERENCES ${schema}.runs ON DELETE CASCADE,
  first_seq bigint NOT NULL,
  last_seq bigint NOT NULL,
  size bigint NOT NULL,
  events text NOT NULL,
  PRIMARY KEY (run, last_seq)
);
CREATE TABLE ${schema}.snapshots (
  run bigint PRIMARY KEY REFERENCES ${schema}.runs ON DELETE CASCADE,
  seq bigint NOT NULL,
  format bigint NOT NULL,
  state text NOT NULL
);
CREATE TABLE ${schema}.blobs (
  run bigint NOT NULL REFERENCES ${schema}.runs ON DELETE CASCADE,
  sha256 text COLLATE "C" NOT NULL,
  content text NOT NULL,
  PRIMARY KEY (run, sha256)
);
CREATE TABLE ${schema}.inbox (
  run bigint NOT NULL REFERENCES ${schema}.runs ON DELETE CASCADE,
  id text COLLATE "C" NOT NULL,
  n bigint NOT NULL,
  delivered_at float8 NOT NULL,
  message text,
  PRIMARY KEY (run, id)
);
COMMENT ON COLUMN ${schema}.inbox.message IS 'NULL once the run has taken it in';
CREATE UNIQUE INDEX inbox_open ON ${schema}.inbox (run, n) WHERE message IS NOT NULL;
`

// `processes` says who holds leases, where that can be told from another process of the same system: it then need not wait for
// them to run out. `batch_id` is the last batch of the lease `batch_token`, and the arrays are those of the leases before.
// A journal goes without its foreign key and the index of labels without the runs that have none: each append and each new run paid for them.
const processes = (schema: string): string => `
CREATE TABLE ${schema}.processes (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  boot text COLLATE "C" NOT NULL,
  identity text COLLATE "C" NOT NULL UNIQUE,
  seen_at float8 NOT NULL
);
ALTER TABLE ${schema}.runs ADD COLUMN process bigint, ADD COLUMN batch_id text COLLATE "C", ADD COLUMN batch text;
CREATE INDEX runs_process ON ${schema}.runs (process) WHERE process IS NOT NULL;
DROP INDEX ${schema}.runs_labels;
CREATE INDEX runs_labels ON ${schema}.runs USING gin (label_pairs) WHERE label_pairs <> '{}';
ALTER TABLE ${schema}.journal DROP CONSTRAINT journal_run_fkey;
`

// A version whose tables are those of the one before.
const functionsOnly = '-- Only the functions are other ones.'

// The one clock by which leases and timers are judged. Not that of the transaction: a
// statement that waited for a lock goes by the time at which it got it.
const clock = (schema: string): string => `
CREATE FUNCTION ${schema}.now_ms() RETURNS float8 LANGUAGE sql VOLATILE AS $$
  SELECT floor(date_part('epoch', clock_timestamp()) * 1000)
$$;
`

// The time, for a statement that writes. A database may be set to acknowledge what is not yet on the disk: what a run is made of
// is not written that way, nor is who holds it.
const writeClock = (schema: string): string => `
CREATE FUNCTION ${schema}.write_ms() RETURNS float8 LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  IF current_setting('synchronous_commit') = 'off' THEN
    PERFORM set_config('synchronous_commit', 'on', true);
  END IF;
  RETURN ${schema}.now_ms();
END $$;
`

const rowOfRun = (schema: string): string => `
CREATE FUNCTION ${schema}.run_row(r ${schema}.runs) RETURNS json LANGUAGE sql STABLE AS $$
  SELECT json_build_object(
    'runId', r.run_id, 'incarnation', r.incarnation, 'workflow', r.workflow, 'plan', r.plan, 'labels', r.labels,
    'parentRunId', r.parent_run_id, 'parentPath', r.parent_path, 'idempotencyKey', r.idempotency_key,
    'status', r.status, 'head', r.head, 'wakeAt', r.wake_at, 'createdAt', r.created_at, 'updatedAt', r.updated_at,
    'inboxHead', r.inbox_head, 'token', r.token, 'owner', r.owner, 'expiresAt', r.lease_expires_at,
    'process', (SELECT identity FROM ${schema}.processes WHERE id = r.process))
$$;
`
