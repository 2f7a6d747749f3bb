CREATE SCHEMA of_version_2;
CREATE TABLE of_version_2.version (version integer NOT NULL);
INSERT INTO of_version_2.version VALUES (2);


CREATE TABLE of_version_2.plans (
  hash text COLLATE "C" PRIMARY KEY,
  definition text NOT NULL
);
CREATE TABLE of_version_2.runs (
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
CREATE UNIQUE INDEX runs_idempotency ON of_version_2.runs (workflow, idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX runs_due ON of_version_2.runs (due_at, id) WHERE due_at IS NOT NULL;
CREATE INDEX runs_status ON of_version_2.runs (status, id);
CREATE INDEX runs_workflow ON of_version_2.runs (workflow, id);
CREATE INDEX runs_labels ON of_version_2.runs USING gin (label_pairs);


CREATE TABLE of_version_2.journal (
  run bigint NOT NULL REFERENCES of_version_2.runs ON DELETE CASCADE,
  first_seq bigint NOT NULL,
  last_seq bigint NOT NULL,
  size bigint NOT NULL,
  events text NOT NULL,
  PRIMARY KEY (run, last_seq)
);
CREATE TABLE of_version_2.snapshots (
  run bigint PRIMARY KEY REFERENCES of_version_2.runs ON DELETE CASCADE,
  seq bigint NOT NULL,
  format bigint NOT NULL,
  state text NOT NULL
);
CREATE TABLE of_version_2.blobs (
  run bigint NOT NULL REFERENCES of_version_2.runs ON DELETE CASCADE,
  sha256 text COLLATE "C" NOT NULL,
  content text NOT NULL,
  PRIMARY KEY (run, sha256)
);
CREATE TABLE of_version_2.inbox (
  run bigint NOT NULL REFERENCES of_version_2.runs ON DELETE CASCADE,
  id text COLLATE "C" NOT NULL,
  n bigint NOT NULL,
  delivered_at float8 NOT NULL,
  message text,
  PRIMARY KEY (run, id)
);
COMMENT ON COLUMN of_version_2.inbox.message IS 'NULL once the run has taken it in';
CREATE UNIQUE INDEX inbox_open ON of_version_2.inbox (run, n) WHERE message IS NOT NULL;


CREATE TABLE of_version_2.processes (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  boot text COLLATE "C" NOT NULL,
  identity text COLLATE "C" NOT NULL UNIQUE,
  seen_at float8 NOT NULL
);
ALTER TABLE of_version_2.runs ADD COLUMN process bigint, ADD COLUMN batch_id text COLLATE "C", ADD COLUMN batch text;
CREATE INDEX runs_process ON of_version_2.runs (process) WHERE process IS NOT NULL;
DROP INDEX of_version_2.runs_labels;
CREATE INDEX runs_labels ON of_version_2.runs USING gin (label_pairs) WHERE label_pairs <> '{}';
ALTER TABLE of_version_2.journal DROP CONSTRAINT journal_run_fkey;


CREATE FUNCTION of_version_2.now_ms() RETURNS float8 LANGUAGE sql VOLATILE AS $$
  SELECT floor(date_part('epoch', clock_timestamp()) * 1000)
$$;


CREATE FUNCTION of_version_2.write_ms() RETURNS float8 LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  IF current_setting('synchronous_commit') = 'off' THEN
    PERFORM set_config('synchronous_commit', 'on', true);
  END IF;
  RETURN of_version_2.now_ms();
END $$;


CREATE FUNCTION of_version_2.run_row(r of_version_2.runs) RETURNS json LANGUAGE sql STABLE AS $$
  SELECT json_build_object(
    'runId', r.run_id, 'incarnation', r.incarnation, 'workflow', r.workflow, 'plan', r.plan, 'labels', r.labels,
    'parentRunId', r.parent_run_id, 'parentPath', r.parent_path, 'idempotencyKey', r.idempotency_key,
    'status', r.status, 'head', r.head, 'wakeAt', r.wake_at, 'createdAt', r.created_at, 'updatedAt', r.updated_at,
    'inboxHead', r.inbox_head, 'token', r.token, 'owner', r.owner, 'expiresAt', r.lease_expires_at,
    'process', (SELECT identity FROM of_version_2.processes WHERE id = r.process))
$$;


CREATE FUNCTION of_version_2.append(
  p_run_id text, p_incarnation text, p_token bigint, p_expected_seq bigint, p_batch_id text, p_batch text,
  p_count bigint, p_events text, p_status text, p_wake_at float8, p_not_before float8, p_consume text[],
  p_blob_hashes text[], p_blob_texts text[], p_snapshot_seq bigint, p_snapshot_format bigint, p_snapshot text,
  p_park_inbox_head bigint, p_release boolean, p_plan text
) RETURNS json LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  r of_version_2.runs%ROWTYPE;
  v_now float8;
  v_taken bigint;
  v_ends boolean := p_status IN ('completed', 'failed', 'cancelled');
BEGIN
  SELECT * INTO r FROM of_version_2.runs WHERE run_id = p_run_id FOR NO KEY UPDATE;
  v_now := of_version_2.write_ms();
  IF r.incarnation IS DISTINCT FROM p_incarnation THEN
    RETURN json_build_object('outcome', 'gone', 'now', v_now);
  END IF;
  IF p_batch_id = r.batch_id OR p_batch_id = ANY (r.batch_ids) THEN
    RETURN json_build_object('outcome', 'known', 'now', v_now, 'inboxHead', r.inbox_head, 'id', r.id,
      'batch', CASE WHEN r.batch_id = p_batch_id THEN r.batch ELSE r.batches[array_position(r.batch_ids, p_batch_id)] END);
  END IF;
  IF r.status IN ('completed', 'failed', 'cancelled') THEN
    RETURN json_build_object('outcome', 'gone', 'now', v_now);
  END IF;
  IF r.token <> p_token OR r.lease_expires_at IS NULL OR r.lease_expires_at <= v_now THEN
    RETURN json_build_object('outcome', 'fenced', 'now', v_now);
  END IF;
  IF r.head <> p_expected_seq THEN
    RETURN json_build_object('outcome', 'conflict', 'now', v_now);
  END IF;
  IF p_not_before > v_now THEN
    RETURN json_build_object('outcome', 'early', 'now', v_now);
  END IF;
  IF p_park_inbox_head < r.inbox_head THEN
    RETURN json_build_object('outcome', 'inboxMoved', 'now', v_now);
  END IF;
  IF cardinality(p_consume) > 0 THEN
    UPDATE of_version_2.inbox SET message = NULL WHERE run = r.id AND id = ANY (p_consume) AND message IS NOT NULL;
    GET DIAGNOSTICS v_taken = ROW_COUNT;
    IF v_taken <> (SELECT count(DISTINCT one) FROM unnest(p_consume) AS one) THEN
      RAISE EXCEPTION USING ERRCODE = 'SG001', MESSAGE = 'a message to consume is not there';
    END IF;
  END IF;
  IF p_snapshot_seq > p_expected_seq + p_count THEN
    RAISE EXCEPTION USING ERRCODE = 'SG001', MESSAGE = 'a snapshot at ' || p_snapshot_seq || ', after the last event';
  END IF;
  IF p_count > 0 THEN
    INSERT INTO of_version_2.journal (run, first_seq, last_seq, size, events)
      VALUES (r.id, p_expected_seq + 1, p_expected_seq + p_count, octet_length(p_events), p_events);
  END IF;
  IF cardinality(p_blob_hashes) > 0 THEN
    INSERT INTO of_version_2.blobs (run, sha256, content)
      SELECT r.id, * FROM unnest(p_blob_hashes, p_blob_texts) ON CONFLICT DO NOTHING;
  END IF;
  IF p_snapshot IS NOT NULL THEN
    INSERT INTO of_version_2.snapshots AS kept (run, seq, format, state)
      VALUES (r.id, p_snapshot_seq, p_snapshot_format, p_snapshot)
      ON CONFLICT (run) DO UPDATE SET seq = excluded.seq, format = excluded.format, state = excluded.state
      WHERE kept.seq < excluded.seq;
  END IF;
  -- Of the leases before, the last batches of three.
  IF r.batch_id IS NOT NULL AND r.batch_token <> p_token THEN
    r.batch_ids := r.batch_ids[greatest(1, cardinality(r.batch_ids) - 1):] || r.batch_id;
    r.batches := r.batches[greatest(1, cardinality(r.batches) - 1):] || r.batch;
  END IF;
  IF v_ends OR p_release OR p_park_inbox_head IS NOT NULL THEN
    r.lease_expires_at := NULL;
    r.process := NULL;
    r.due_at := CASE WHEN v_ends THEN NULL WHEN p_park_inbox_head IS NULL THEN v_now ELSE p_wake_at END;
  END IF;
  UPDATE of_version_2.runs SET head = p_expected_seq + p_count, status = p_status, wake_at = p_wake_at, updated_at = v_now,
    plan = coalesce(p_plan, plan), lease_expires_at = r.lease_expires_at, due_at = r.due_at,
    process = r.process, batch_token = p_token, batch_id = p_batch_id, batch = p_batch, batch_ids = r.batch_ids, batches = r.batches
    WHERE id = r.id;
  RETURN json_build_object('outcome', 'ok', 'now', v_now, 'inboxHead', r.inbox_head);
END $$;


CREATE FUNCTION of_version_2.append_next(
  p_run_id text, p_incarnation text, p_token bigint, p_expected_seq bigint, p_batch_id text, p_batch text,
  p_count bigint, p_events text, p_status text, p_wake_at float8
) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_id bigint;
  v_answer text;
  v_ends boolean := p_status IN ('completed', 'failed', 'cancelled');
BEGIN
  UPDATE of_version_2.runs SET head = p_expected_seq + p_count, status = p_status, wake_at = p_wake_at,
    updated_at = of_version_2.now_ms(), batch_id = p_batch_id, batch = p_batch,
    lease_expires_at = CASE WHEN v_ends THEN NULL ELSE lease_expires_at END,
    due_at = CASE WHEN v_ends THEN NULL ELSE due_at END, process = CASE WHEN v_ends THEN NULL ELSE process END
    WHERE run_id = p_run_id AND token = p_token AND head = p_expected_seq AND batch_token = p_token
      AND incarnation = p_incarnation AND lease_expires_at > of_version_2.now_ms()
      AND status NOT IN ('completed', 'failed', 'cancelled')
      AND batch_id IS DISTINCT FROM p_batch_id AND p_batch_id <> ALL (batch_ids)
      AND current_setting('synchronous_commit') <> 'off'
    RETURNING id, '{"outcome":"ok","now":' || updated_at || ',"inboxHead":' || inbox_head || '}' INTO v_id, v_answer;
  IF v_id IS NULL THEN
    RETURN of_version_2.append(p_run_id, p_incarnation, p_token, p_expected_seq, p_batch_id, p_batch, p_count, p_events,
      p_status, p_wake_at, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, false, NULL);
  END IF;
  INSERT INTO of_version_2.journal (run, first_seq, last_seq, size, events)
    VALUES (v_id, p_expected_seq + 1, p_expected_seq + p_count, octet_length(p_events), p_events);
  RETURN v_answer;
END $$;


CREATE FUNCTION of_version_2.create_run(
  p_run_id text, p_incarnation text, p_workflow text, p_plan text, p_labels text, p_label_pairs text[],
  p_parent_run_id text, p_parent_path text, p_idempotency_key text, p_input_hash text, p_status text, p_wake_at float8,
  p_count bigint, p_events text, p_owner text, p_ttl_ms float8, p_process bigint,
  p_blob_hashes text[] DEFAULT NULL, p_blob_texts text[] DEFAULT NULL
) RETURNS json LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  r of_version_2.runs%ROWTYPE;
  v_now float8 := of_version_2.write_ms();
  v_ends boolean := p_status IN ('completed', 'failed', 'cancelled');
  v_expires_at float8 := CASE WHEN v_ends THEN NULL ELSE v_now + p_ttl_ms END;
  v_id bigint;
BEGIN
  LOOP
    INSERT INTO of_version_2.runs (
        run_id, incarnation, workflow, plan, labels, label_pairs, parent_run_id, parent_path, idempotency_key,
        input_hash, status, head, wake_at, created_at, updated_at, token, owner, lease_expires_at, due_at, process, batch_token
      ) VALUES (
        p_run_id, p_incarnation, p_workflow, p_plan, p_labels, p_label_pairs, p_parent_run_id, p_parent_path,
        p_idempotency_key, p_input_hash, p_status, p_count, p_wake_at, v_now, v_now,
        CASE WHEN v_expires_at IS NULL THEN 0 ELSE 1 END, coalesce(p_owner, ''), v_expires_at,
        CASE WHEN v_ends THEN NULL ELSE coalesce(v_expires_at, v_now) END,
        CASE WHEN v_expires_at IS NOT NULL THEN p_process END, 1
      ) ON CONFLICT DO NOTHING RETURNING id INTO v_id;
    EXIT WHEN v_id IS NOT NULL;
    r := NULL;
    IF p_idempotency_key IS NOT NULL THEN
      SELECT * INTO r FROM of_version_2.runs WHERE workflow = p_workflow AND idempotency_key = p_idempotency_key;
    END IF;
    IF r.id IS NULL THEN
      SELECT * INTO r FROM of_version_2.runs WHERE run_id = p_run_id;
    END IF;
    -- Neither of them where the other run was deleted in the meantime.
    CONTINUE WHEN r.id IS NULL;
    v_now := of_version_2.now_ms();
    IF p_ttl_ms IS NOT NULL AND r.run_id = p_run_id AND r.incarnation = p_incarnation AND r.token = 1
        AND r.lease_expires_at > v_now THEN
      RETURN json_build_object('outcome', 'created', 'now', v_now, 'expiresAt', r.lease_expires_at);
    END IF;
    RETURN json_build_object('outcome', 'existing', 'now', v_now, 'runId', r.run_id,
      'sameInput', r.input_hash = p_input_hash);
  END LOOP;
  INSERT INTO of_version_2.journal (run, first_seq, last_seq, size, events)
    VALUES (v_id, 1, p_count, octet_length(p_events), p_events);
  IF cardinality(p_blob_hashes) > 0 THEN
    INSERT INTO of_version_2.blobs (run, sha256, content)
      SELECT v_id, * FROM unnest(p_blob_hashes, p_blob_texts) ON CONFLICT DO NOTHING;
  END IF;
  RETURN json_build_object('outcome', 'created', 'now', v_now, 'expiresAt', v_expires_at);
END $$;


CREATE FUNCTION of_version_2.delete_run(p_run_id text) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_id bigint;
BEGIN
  DELETE FROM of_version_2.runs
    WHERE run_id = p_run_id AND (lease_expires_at IS NULL OR lease_expires_at <= of_version_2.write_ms()) RETURNING id INTO v_id;
  -- By itself, so that it sees what was appended while the run's row was waited for.
  DELETE FROM of_version_2.journal WHERE run = v_id;
  RETURN v_id IS NOT NULL;
END $$;


CREATE FUNCTION of_version_2.deliver(p_run_id text, p_id text, p_message text)
RETURNS json LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  r of_version_2.runs%ROWTYPE;
  v_now float8;
BEGIN
  SELECT * INTO r FROM of_version_2.runs WHERE run_id = p_run_id FOR NO KEY UPDATE;
  v_now := of_version_2.write_ms();
  IF r.id IS NULL THEN
    RETURN json_build_object('outcome', 'unknown', 'now', v_now);
  END IF;
  IF EXISTS (SELECT FROM of_version_2.inbox WHERE run = r.id AND id = p_id) THEN
    RETURN json_build_object('outcome', 'duplicate', 'now', v_now);
  END IF;
  IF r.status IN ('completed', 'failed', 'cancelled') THEN
    RETURN json_build_object('outcome', 'closed', 'now', v_now);
  END IF;
  INSERT INTO of_version_2.inbox (run, id, n, delivered_at, message)
    VALUES (r.id, p_id, r.inbox_head + 1, v_now, p_message);
  -- The holder of a lease hears of it when it renews, appends or parks.
  UPDATE of_version_2.runs SET inbox_head = r.inbox_head + 1,
    due_at = CASE WHEN r.lease_expires_at IS NULL AND (r.due_at IS NULL OR r.due_at > v_now) THEN v_now ELSE r.due_at END
    WHERE id = r.id;
  RETURN json_build_object('outcome', 'accepted', 'now', v_now);
END $$;


CREATE FUNCTION of_version_2.bury(p_dead text[], p_now float8) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_dead bigint[] := ARRAY(SELECT id FROM of_version_2.processes WHERE identity = ANY (p_dead));
BEGIN
  WITH held AS MATERIALIZED (
    SELECT id FROM of_version_2.runs WHERE process = ANY (v_dead) FOR NO KEY UPDATE SKIP LOCKED
  )
  UPDATE of_version_2.runs AS r SET process = NULL,
    lease_expires_at = least(r.lease_expires_at, p_now), due_at = least(r.due_at, p_now)
    FROM held WHERE r.id = held.id;
  DELETE FROM of_version_2.processes AS p
    WHERE id = ANY (v_dead) AND NOT EXISTS (SELECT FROM of_version_2.runs WHERE process = p.id);
END $$;


CREATE FUNCTION of_version_2.acquire(
  p_owner text, p_ttl_ms float8, p_limit bigint, p_run_ids text[], p_workflows text[], p_label_pairs text[],
  p_except_run_ids text[], p_except_plans text[], p_process bigint, p_boot text, p_dead text[]
) RETURNS json LANGUAGE plpgsql VOLATILE SET plan_cache_mode = force_custom_plan AS $$
DECLARE
  v_now float8 := of_version_2.write_ms();
  v_runs json;
BEGIN
  IF cardinality(p_dead) > 0 THEN
    PERFORM of_version_2.bury(p_dead, v_now);
  END IF;
  IF (SELECT min(due_at) FROM of_version_2.runs) <= v_now THEN
    WITH due AS MATERIALIZED (
      SELECT id, due_at, lease_expires_at IS NOT NULL AS expired FROM of_version_2.runs
      WHERE due_at <= v_now
        AND (p_run_ids IS NULL OR run_id = ANY (p_run_ids))
        AND (p_workflows IS NULL OR workflow = ANY (p_workflows))
        AND (p_label_pairs IS NULL OR label_pairs @> p_label_pairs)
        AND (p_except_run_ids IS NULL OR run_id <> ALL (p_except_run_ids))
        AND (p_except_plans IS NULL OR plan <> ALL (p_except_plans))
      ORDER BY due_at, id LIMIT p_limit FOR NO KEY UPDATE SKIP LOCKED
    ), leased AS (
      UPDATE of_version_2.runs AS r SET token = r.token + 1, owner = p_owner, process = p_process,
        lease_expires_at = v_now + p_ttl_ms, due_at = v_now + p_ttl_ms
      FROM due WHERE r.id = due.id
      RETURNING r.id, due.due_at, json_build_object('expired', due.expired, 'row', of_version_2.run_row(r)) AS run
    )
    SELECT json_agg(run ORDER BY due_at, id) INTO v_runs FROM leased;
  END IF;
  UPDATE of_version_2.processes SET seen_at = v_now WHERE id = p_process AND seen_at < v_now - 86400000;
  RETURN json_build_object('now', v_now, 'runs', coalesce(v_runs, '[]'), 'neighbours', (
    SELECT json_agg(identity) FROM of_version_2.processes WHERE boot = p_boot AND id IS DISTINCT FROM p_process));
END $$;


CREATE FUNCTION of_version_2.process_of(p_boot text, p_identity text) RETURNS json LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_now float8 := of_version_2.write_ms();
  v_id bigint;
BEGIN
  INSERT INTO of_version_2.processes AS p (boot, identity, seen_at) VALUES (p_boot, p_identity, v_now)
    ON CONFLICT (identity) DO UPDATE SET seen_at = greatest(p.seen_at, v_now) RETURNING id INTO v_id;
  DELETE FROM of_version_2.processes AS p
    WHERE seen_at < v_now - 604800000 AND NOT EXISTS (SELECT FROM of_version_2.runs WHERE process = p.id);
  RETURN json_build_object('id', v_id, 'neighbours', (
    SELECT json_agg(identity) FROM of_version_2.processes WHERE boot = p_boot AND id <> v_id));
END $$;
