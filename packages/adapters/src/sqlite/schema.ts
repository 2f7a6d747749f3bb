/**
 * How the tables came to be: a database is brought from one version to the next,
 * and each step is taken once. A step that was released is never changed.
 *
 * Instants are `REAL`, because a clock of the host may give fractions. `due_at` is
 * when somebody may take the run over: an unleased run at the instant it is due, a
 * leased one when its lease expires; `NULL` for runs that wait for a message only,
 * and for those that have ended.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE segno_plans (
    hash TEXT PRIMARY KEY,
    json TEXT NOT NULL,
    crc INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE segno_processes (
    id INTEGER PRIMARY KEY,
    identity TEXT NOT NULL UNIQUE
  ) STRICT;

  CREATE TABLE segno_runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    run_id TEXT NOT NULL UNIQUE,
    incarnation TEXT NOT NULL,
    workflow TEXT NOT NULL,
    plan TEXT NOT NULL,
    idempotency_key TEXT,
    input_hash TEXT NOT NULL,
    about TEXT NOT NULL,
    crc INTEGER NOT NULL,
    created_at REAL NOT NULL,
    updated_at REAL NOT NULL,
    status TEXT NOT NULL,
    head INTEGER NOT NULL,
    wake_at REAL,
    inbox_head INTEGER NOT NULL,
    snapshot_seq INTEGER NOT NULL,
    token INTEGER NOT NULL,
    owner TEXT,
    process INTEGER REFERENCES segno_processes (id),
    expires_at REAL,
    due_at REAL,
    batches TEXT NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX segno_runs_by_key ON segno_runs (workflow, idempotency_key) WHERE idempotency_key IS NOT NULL;
  CREATE INDEX segno_runs_by_due ON segno_runs (due_at, id) WHERE due_at IS NOT NULL;
  CREATE INDEX segno_runs_by_status ON segno_runs (status, id);
  CREATE INDEX segno_runs_by_workflow ON segno_runs (workflow, id);
  CREATE INDEX segno_runs_by_process ON segno_runs (process) WHERE process IS NOT NULL;

  CREATE TABLE segno_labels (
    run INTEGER NOT NULL REFERENCES segno_runs (id) ON DELETE CASCADE,
    label TEXT NOT NULL,
    PRIMARY KEY (run, label)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX segno_labels_by_label ON segno_labels (label, run);

  CREATE TABLE segno_events (
    run INTEGER NOT NULL REFERENCES segno_runs (id) ON DELETE CASCADE,
    seq INTEGER NOT NULL,
    json TEXT NOT NULL,
    crc INTEGER NOT NULL,
    PRIMARY KEY (run, seq)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE segno_messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    run INTEGER NOT NULL REFERENCES segno_runs (id) ON DELETE CASCADE,
    n INTEGER NOT NULL,
    message_id TEXT NOT NULL,
    json TEXT,
    crc INTEGER NOT NULL,
    delivered_at REAL NOT NULL,
    UNIQUE (run, message_id)
  ) STRICT;
  CREATE UNIQUE INDEX segno_messages_open ON segno_messages (run, n) WHERE json IS NOT NULL;

  CREATE TABLE segno_blobs (
    run INTEGER NOT NULL REFERENCES segno_runs (id) ON DELETE CASCADE,
    sha256 TEXT NOT NULL,
    text TEXT NOT NULL,
    UNIQUE (run, sha256)
  ) STRICT;

  CREATE TABLE segno_snapshots (
    run INTEGER PRIMARY KEY REFERENCES segno_runs (id) ON DELETE CASCADE,
    seq INTEGER NOT NULL,
    format INTEGER NOT NULL,
    json TEXT NOT NULL,
    crc INTEGER NOT NULL
  ) STRICT;
  `,
  // Of what changes in a row; a row that was written before has none until it is written again.
  'ALTER TABLE segno_runs ADD COLUMN state_crc INTEGER',
]
