// Why functions, and not one statement of many parts: in PostgreSQL all parts of a statement see the store as it
// was when the statement began, also after it waited for the run's row. Each statement of a function sees it anew: what is
// read after the row is locked is true until the end. And a call is short to parse, and planned once a connection.

/**
 * The statement behind nearly every append: one that only brings events, while its lease stands and nobody else was there.
 * It asks for all of that as it writes, and does it in one part: what waits for the run's row asks again once it has it.
 * Whatever is otherwise gives no row, and `append` judges it. Not a function: to set one up costs each transaction of its own.
 */
export const appendNext = (schema: string, { ends }: { readonly ends: boolean }): string => `
WITH moved AS (
  UPDATE ${schema}.runs SET head = $4::bigint + $7::bigint, status = $9::text, wake_at = $10::float8,
    updated_at = ${schema}.now_ms(), batch_id = $5::text, batch = $6::text
    ${ends ? ', lease_expires_at = NULL, due_at = NULL, process = NULL' : ''}
    WHERE run_id = $1::text AND token = $3::bigint AND head = $4::bigint AND batch_token = $3::bigint
      AND incarnation = $2::text AND ${mayMove(schema, '$5::text')}
    RETURNING id, updated_at, inbox_head
), written AS (
  INSERT INTO ${schema}.journal (run, first_seq, last_seq, size, events)
    SELECT id, $4::bigint + 1, $4::bigint + $7::bigint, octet_length($8::text), $8::text FROM moved
)
SELECT updated_at, inbox_head FROM moved`

/**
 * The same for many runs at a time, which are locked in the order in which they are given. Tells of each that was written:
 * its place among them. Its plan is made once a connection, for any number of runs: each is looked up by its name.
 */
export const appendManyFunction = (schema: string): string => `
CREATE FUNCTION ${schema}.append_many(
  p_run_ids text[], p_incarnations text[], p_tokens bigint[], p_expected_seqs bigint[], p_batch_ids text[], p_batches text[],
  p_counts bigint[], p_events text[], p_statuses text[], p_wake_ats float8[]
) RETURNS TABLE (now float8, inbox_head bigint, place bigint) LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_mergejoin = off SET enable_hashjoin = off AS $$
BEGIN
  RETURN QUERY WITH moved AS (
    UPDATE ${schema}.runs AS r SET head = given.head + given.count, status = given.status, wake_at = given.wake_at,
      updated_at = ${schema}.now_ms(), batch_id = given.batch_id, batch = given.batch,
      lease_expires_at = CASE WHEN given.ends THEN NULL ELSE r.lease_expires_at END,
      due_at = CASE WHEN given.ends THEN NULL ELSE r.due_at END,
      process = CASE WHEN given.ends THEN NULL ELSE r.process END
    FROM (
      SELECT *, one.status IN ('completed', 'failed', 'cancelled') AS ends
      FROM unnest(p_run_ids, p_incarnations, p_tokens, p_expected_seqs, p_batch_ids, p_batches, p_counts, p_events,
        p_statuses, p_wake_ats) WITH ORDINALITY
        AS one (run_id, incarnation, token, head, batch_id, batch, count, events, status, wake_at, place)
    ) AS given
    WHERE r.run_id = given.run_id AND r.token = given.token AND r.head = given.head AND r.batch_token = given.token
      AND r.incarnation = given.incarnation AND ${mayMove(schema, 'given.batch_id', 'r.')}
    RETURNING r.id, r.updated_at, r.inbox_head, given.head AS former, r.head, given.events, given.place
  ), written AS (
    INSERT INTO ${schema}.journal (run, first_seq, last_seq, size, events)
      SELECT id, former + 1, head, octet_length(events), events FROM moved
  )
  SELECT moved.updated_at, moved.inbox_head, moved.place FROM moved;
END $$;
`

// A run that has ended has no lease. Its last batches are those that are named in it: one of them is not written again.
const mayMove = (schema: string, batchId: string, run = ''): string =>
  `${run}lease_expires_at > ${schema}.now_ms() AND ${run}batch_id IS DISTINCT FROM ${batchId}
      AND ${batchId} <> ALL (${run}batch_ids) AND current_setting('synchronous_commit') <> 'off'`

/** The function behind `Storage.append`. A batch that contradicts the inbox raises `SG001`, so that nothing of it stays. */
export const appendFunction = (schema: string): string => `
CREATE FUNCTION ${schema}.append(
  p_run_id text, p_incarnation text, p_token bigint, p_expected_seq bigint, p_batch_id text, p_batch text,
  p_count bigint, p_events text, p_status text, p_wake_at float8, p_not_before float8, p_consume text[],
  p_blob_hashes text[], p_blob_texts text[], p_snapshot_seq bigint, p_snapshot_format bigint, p_snapshot text,
  p_park_inbox_head bigint, p_release boolean, p_plan text
) RETURNS json LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  r ${schema}.runs%ROWTYPE;
  v_now float8;
  v_taken bigint;
  v_ends boolean := p_status IN ('completed', 'failed', 'cancelled');
BEGIN${appendChecks(schema)}${appendWrites(schema)}  RETURN json_build_object('outcome', 'ok', 'now', v_now, 'inboxHead', r.inbox_head);
END $$;
`

// The refusals of `AppendOutcome`, in their order.
const appendChecks = (schema: string): string => `
  SELECT * INTO r FROM ${schema}.runs WHERE run_id = p_run_id FOR NO KEY UPDATE;
  v_now := ${schema}.write_ms();
  IF r.incarnation IS DISTINCT FROM p_incarnation THEN
    RETURN json_build_object('outcome', 'gone', 'now', v_now);
  END IF;
  IF p_batch_id = r.batch_id OR p_batch_id = ANY (r.batch_ids) THEN
    RETURN json_build_object('outcome', 'known', 'now', v_now, 'inboxHead', r.inbox_head, 'id', r.id,
      'batch', ${knownBatch('r', 'p_batch_id')});
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
  END IF;`

/** What is kept of a batch of this name, as an expression; NULL where none is. */
export const knownBatch = (run: string, batchId: string): string =>
  `CASE WHEN ${run}.batch_id = ${batchId} THEN ${run}.batch ELSE ${run}.batches[array_position(${run}.batch_ids, ${batchId})] END`

const appendWrites = (schema: string): string => `
  IF cardinality(p_consume) > 0 THEN
    UPDATE ${schema}.inbox SET message = NULL WHERE run = r.id AND id = ANY (p_consume) AND message IS NOT NULL;
    GET DIAGNOSTICS v_taken = ROW_COUNT;
    IF v_taken <> (SELECT count(DISTINCT one) FROM unnest(p_consume) AS one) THEN
      RAISE EXCEPTION USING ERRCODE = 'SG001', MESSAGE = 'a message to consume is not there';
    END IF;
  END IF;
  IF p_snapshot_seq > p_expected_seq + p_count THEN
    RAISE EXCEPTION USING ERRCODE = 'SG001', MESSAGE = 'a snapshot at ' || p_snapshot_seq || ', after the last event';
  END IF;
  IF p_count > 0 THEN
    INSERT INTO ${schema}.journal (run, first_seq, last_seq, size, events)
      VALUES (r.id, p_expected_seq + 1, p_expected_seq + p_count, octet_length(p_events), p_events);
  END IF;
  IF cardinality(p_blob_hashes) > 0 THEN
    INSERT INTO ${schema}.blobs (run, sha256, content)
      SELECT r.id, * FROM unnest(p_blob_hashes, p_blob_texts) ON CONFLICT DO NOTHING;
  END IF;
  IF p_snapshot IS NOT NULL THEN
    INSERT INTO ${schema}.snapshots AS kept (run, seq, format, state)
      VALUES (r.id, p_snapshot_seq, p_snapshot_format, p_snapshot)
      ON CONFLICT (run) DO UPDATE SET seq = excluded.seq, format = excluded.format, state = excluded.state
      WHERE kept.seq < excluded.seq;
  END IF;
  -- As when a lease is taken. Of one that was taken before version 3 of the tables it was not done then.
  IF r.batch_id IS NOT NULL AND r.batch_token <> p_token THEN
    r.batch_ids := r.batch_ids[greatest(1, cardinality(r.batch_ids) - 1):] || r.batch_id;
    r.batches := r.batches[greatest(1, cardinality(r.batches) - 1):] || r.batch;
  END IF;
  IF v_ends OR p_release OR p_park_inbox_head IS NOT NULL THEN
    r.lease_expires_at := NULL;
    r.process := NULL;
    r.due_at := CASE WHEN v_ends THEN NULL WHEN p_park_inbox_head IS NULL THEN v_now ELSE p_wake_at END;
  END IF;
  UPDATE ${schema}.runs SET head = p_expected_seq + p_count, status = p_status, wake_at = p_wake_at, updated_at = v_now,
    plan = coalesce(p_plan, plan), lease_expires_at = r.lease_expires_at, due_at = r.due_at,
    process = r.process, batch_token = p_token, batch_id = p_batch_id, batch = p_batch, batch_ids = r.batch_ids, batches = r.batches
    WHERE id = r.id;
`

/** The function behind `Storage.createRun`. */
export const createFunction = (schema: string): string => `
CREATE FUNCTION ${schema}.create_run(
  p_run_id text, p_incarnation text, p_workflow text, p_plan text, p_labels text, p_label_pairs text[],
  p_parent_run_id text, p_parent_path text, p_idempotency_key text, p_input_hash text, p_status text, p_wake_at float8,
  p_count bigint, p_events text, p_owner text, p_ttl_ms float8, p_process bigint,
  p_blob_hashes text[] DEFAULT NULL, p_blob_texts text[] DEFAULT NULL
) RETURNS json LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  r ${schema}.runs%ROWTYPE;
  v_now float8 := ${schema}.write_ms();
  v_ends boolean := p_status IN ('completed', 'failed', 'cancelled');
  v_expires_at float8 := CASE WHEN v_ends THEN NULL ELSE v_now + p_ttl_ms END;
  v_id bigint;
BEGIN
  LOOP
    INSERT INTO ${schema}.runs (
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
      SELECT * INTO r FROM ${schema}.runs WHERE workflow = p_workflow AND idempotency_key = p_idempotency_key;
    END IF;
    IF r.id IS NULL THEN
      SELECT * INTO r FROM ${schema}.runs WHERE run_id = p_run_id;
    END IF;
    -- Neither of them where the other run was deleted in the meantime.
    CONTINUE WHEN r.id IS NULL;
    v_now := ${schema}.now_ms();
    IF p_ttl_ms IS NOT NULL AND r.run_id = p_run_id AND r.incarnation = p_incarnation AND r.token = 1
        AND r.lease_expires_at > v_now THEN
      RETURN json_build_object('outcome', 'created', 'now', v_now, 'expiresAt', r.lease_expires_at);
    END IF;
    RETURN json_build_object('outcome', 'existing', 'now', v_now, 'runId', r.run_id,
      'sameInput', r.input_hash = p_input_hash);
  END LOOP;
  INSERT INTO ${schema}.journal (run, first_seq, last_seq, size, events)
    VALUES (v_id, 1, p_count, octet_length(p_events), p_events);
  IF cardinality(p_blob_hashes) > 0 THEN
    INSERT INTO ${schema}.blobs (run, sha256, content)
      SELECT v_id, * FROM unnest(p_blob_hashes, p_blob_texts) ON CONFLICT DO NOTHING;
  END IF;
  RETURN json_build_object('outcome', 'created', 'now', v_now, 'expiresAt', v_expires_at);
END $$;
`

/** The function behind `Storage.deliver`. */
export const deliverFunction = (schema: string): string => `
CREATE FUNCTION ${schema}.deliver(p_run_id text, p_id text, p_message text)
RETURNS json LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  r ${schema}.runs%ROWTYPE;
  v_now float8;
BEGIN
  SELECT * INTO r FROM ${schema}.runs WHERE run_id = p_run_id FOR NO KEY UPDATE;
  v_now := ${schema}.write_ms();
  IF r.id IS NULL THEN
    RETURN json_build_object('outcome', 'unknown', 'now', v_now);
  END IF;
  IF EXISTS (SELECT FROM ${schema}.inbox WHERE run = r.id AND id = p_id) THEN
    RETURN json_build_object('outcome', 'duplicate', 'now', v_now);
  END IF;
  IF r.status IN ('completed', 'failed', 'cancelled') THEN
    RETURN json_build_object('outcome', 'closed', 'now', v_now);
  END IF;
  INSERT INTO ${schema}.inbox (run, id, n, delivered_at, message)
    VALUES (r.id, p_id, r.inbox_head + 1, v_now, p_message);
  -- The holder of a lease hears of it when it renews, appends or parks.
  UPDATE ${schema}.runs SET inbox_head = r.inbox_head + 1,
    due_at = CASE WHEN r.lease_expires_at IS NULL AND (r.due_at IS NULL OR r.due_at > v_now) THEN v_now ELSE r.due_at END
    WHERE id = r.id;
  RETURN json_build_object('outcome', 'accepted', 'now', v_now);
END $$;
`

/** The function behind `Storage.delete`. A journal has no foreign key, which would cost each append a look at its run. */
export const deleteFunction = (schema: string): string => `
CREATE FUNCTION ${schema}.delete_run(p_run_id text) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_id bigint;
BEGIN
  DELETE FROM ${schema}.runs
    WHERE run_id = p_run_id AND (lease_expires_at IS NULL OR lease_expires_at <= ${schema}.write_ms()) RETURNING id INTO v_id;
  -- By itself, so that it sees what was appended while the run's row was waited for.
  DELETE FROM ${schema}.journal WHERE run = v_id;
  RETURN v_id IS NOT NULL;
END $$;
`
