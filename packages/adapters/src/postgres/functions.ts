// Why functions, and not one statement of many parts: in PostgreSQL all parts of a statement see the store as it
// was when the statement began, also after it waited for the run's row. Each statement of a function sees it anew: what is
// read after the row is locked is true until the end. And a call is short to parse, and planned once a connection.

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
  v_kept integer;
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
  IF p_batch_id = ANY (r.batch_ids) THEN
    RETURN json_build_object('outcome', 'known', 'now', v_now, 'inboxHead', r.inbox_head, 'id', r.id,
      'batch', r.batches[array_position(r.batch_ids, p_batch_id)]);
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
  v_kept := cardinality(r.batch_ids) - CASE WHEN r.batch_token = p_token THEN 1 ELSE 0 END;
  r.batch_ids := r.batch_ids[greatest(1, v_kept - 2):v_kept] || p_batch_id;
  r.batches := r.batches[greatest(1, v_kept - 2):v_kept] || p_batch;
  IF v_ends OR p_release OR p_park_inbox_head IS NOT NULL THEN
    r.lease_expires_at := NULL;
    r.due_at := CASE WHEN v_ends THEN NULL WHEN p_park_inbox_head IS NULL THEN v_now ELSE p_wake_at END;
  END IF;
  UPDATE ${schema}.runs SET head = p_expected_seq + p_count, status = p_status, wake_at = p_wake_at, updated_at = v_now,
    plan = coalesce(p_plan, plan), lease_expires_at = r.lease_expires_at, due_at = r.due_at,
    batch_token = p_token, batch_ids = r.batch_ids, batches = r.batches
    WHERE id = r.id;
`

/** The function behind `Storage.createRun`. */
export const createFunction = (schema: string): string => `
CREATE FUNCTION ${schema}.create_run(
  p_run_id text, p_incarnation text, p_workflow text, p_plan text, p_labels text, p_label_pairs text[],
  p_parent_run_id text, p_parent_path text, p_idempotency_key text, p_input_hash text, p_status text, p_wake_at float8,
  p_count bigint, p_events text, p_blob_hashes text[], p_blob_texts text[], p_owner text, p_ttl_ms float8
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
        input_hash, status, head, wake_at, created_at, updated_at, token, owner, lease_expires_at, due_at
      ) VALUES (
        p_run_id, p_incarnation, p_workflow, p_plan, p_labels, p_label_pairs, p_parent_run_id, p_parent_path,
        p_idempotency_key, p_input_hash, p_status, p_count, p_wake_at, v_now, v_now,
        CASE WHEN v_expires_at IS NULL THEN 0 ELSE 1 END, coalesce(p_owner, ''), v_expires_at,
        CASE WHEN v_ends THEN NULL ELSE coalesce(v_expires_at, v_now) END
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

/**
 * The function behind `Storage.acquire`. Nearly all looks find nothing due: they read one entry of the index. All others
 * are planned by how much is due now: what a plan for any time, or one without statistics, reads is all that sleeps.
 */
export const acquireFunction = (schema: string): string => `
CREATE FUNCTION ${schema}.acquire(
  p_owner text, p_ttl_ms float8, p_limit bigint, p_run_ids text[], p_workflows text[], p_label_pairs text[],
  p_except_run_ids text[], p_except_plans text[]
) RETURNS json LANGUAGE plpgsql VOLATILE SET plan_cache_mode = force_custom_plan AS $$
DECLARE
  v_now float8 := ${schema}.write_ms();
  v_runs json;
BEGIN
  IF (SELECT min(due_at) FROM ${schema}.runs) <= v_now THEN${acquireDue(schema)}  END IF;
  RETURN json_build_object('now', v_now, 'runs', coalesce(v_runs, '[]'));
END $$;
`

const acquireDue = (schema: string): string => `
    WITH due AS MATERIALIZED (
      SELECT id, due_at, lease_expires_at IS NOT NULL AS expired FROM ${schema}.runs
      WHERE due_at <= v_now
        AND (p_run_ids IS NULL OR run_id = ANY (p_run_ids))
        AND (p_workflows IS NULL OR workflow = ANY (p_workflows))
        AND (p_label_pairs IS NULL OR label_pairs @> p_label_pairs)
        AND (p_except_run_ids IS NULL OR run_id <> ALL (p_except_run_ids))
        AND (p_except_plans IS NULL OR plan <> ALL (p_except_plans))
      ORDER BY due_at, id LIMIT p_limit FOR NO KEY UPDATE SKIP LOCKED
    ), leased AS (
      UPDATE ${schema}.runs AS r SET token = r.token + 1, owner = p_owner,
        lease_expires_at = v_now + p_ttl_ms, due_at = v_now + p_ttl_ms
      FROM due WHERE r.id = due.id
      RETURNING r.id, due.due_at, json_build_object('expired', due.expired, 'row', ${schema}.run_row(r)) AS run
    )
    SELECT json_agg(run ORDER BY due_at, id) INTO v_runs FROM leased;
`
