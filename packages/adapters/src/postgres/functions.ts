// Why functions, and not one statement of many parts: in PostgreSQL all parts of a statement see the store as it
// was when the statement began, also after it waited for the run's row. Each statement of a function sees it anew: what is
// read after the row is locked is true until the end. And a call is short to parse, and planned once a connection.

/**
 * The function behind nearly every append: one that only brings events, while its lease stands and nobody else was there.
 * It asks for all of that as it writes. Whatever is otherwise, `append` judges.
 */
export const appendNextFunction = (schema: string): string => `
CREATE FUNCTION ${schema}.append_next(
  p_run_id text, p_incarnation text, p_token bigint, p_expected_seq bigint, p_batch_id text, p_batch text,
  p_count bigint, p_events text, p_status text, p_wake_at float8
) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_id bigint;
  v_answer text;
  v_ends boolean := p_status IN ('completed', 'failed', 'cancelled');
BEGIN
  UPDATE ${schema}.runs SET head = p_expected_seq + p_count, status = p_status, wake_at = p_wake_at,
    updated_at = ${schema}.now_ms(), batch_id = p_batch_id, batch = p_batch,
    lease_expires_at = CASE WHEN v_ends THEN NULL ELSE lease_expires_at END,
    due_at = CASE WHEN v_ends THEN NULL ELSE due_at END, process = CASE WHEN v_ends THEN NULL ELSE process END
    WHERE run_id = p_run_id AND token = p_token AND head = p_expected_seq AND batch_token = p_token
      AND incarnation = p_incarnation AND lease_expires_at > ${schema}.now_ms()
      AND status NOT IN ('completed', 'failed', 'cancelled')
      AND batch_id IS DISTINCT FROM p_batch_id AND p_batch_id <> ALL (batch_ids)
      AND current_setting('synchronous_commit') <> 'off'
    RETURNING id, '{"outcome":"ok","now":' || updated_at || ',"inboxHead":' || inbox_head || '}' INTO v_id, v_answer;
  IF v_id IS NULL THEN
    RETURN ${schema}.append(p_run_id, p_incarnation, p_token, p_expected_seq, p_batch_id, p_batch, p_count, p_events,
      p_status, p_wake_at, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, false, NULL);
  END IF;
  INSERT INTO ${schema}.journal (run, first_seq, last_seq, size, events)
    VALUES (v_id, p_expected_seq + 1, p_expected_seq + p_count, octet_length(p_events), p_events);
  RETURN v_answer;
END $$;
`

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
