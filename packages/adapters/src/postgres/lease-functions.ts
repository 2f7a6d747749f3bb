/**
 * The function behind `Storage.acquire`. Nearly all looks find nothing due: they read one entry of the index. All others
 * are planned by how much is due now: what a plan for any time, or one without statistics, reads is all that sleeps.
 * Gives a process that has no number yet one, and tells of the other processes that began in the same start of the same system, for
 * a look whether they have ended.
 */
export const acquireFunction = (schema: string): string => `
CREATE FUNCTION ${schema}.acquire(
  p_owner text, p_ttl_ms float8, p_limit bigint, p_run_ids text[], p_workflows text[], p_label_pairs text[],
  p_except_run_ids text[], p_except_plans text[], p_process bigint, p_boot text, p_identity text, p_dead text[]
) RETURNS json LANGUAGE plpgsql VOLATILE SET plan_cache_mode = force_custom_plan AS $$
DECLARE
  v_now float8 := ${schema}.write_ms();
  v_process bigint := p_process;
  v_runs json;
BEGIN
  IF v_process IS NULL AND p_identity IS NOT NULL THEN
    v_process := ${schema}.process_of(p_boot, p_identity);
  END IF;
  IF cardinality(p_dead) > 0 THEN
    PERFORM ${schema}.bury(p_dead, v_now);
  END IF;
  IF (SELECT min(due_at) FROM ${schema}.runs) <= v_now THEN${acquireDue(schema)}  END IF;
  UPDATE ${schema}.processes SET seen_at = v_now WHERE id = v_process AND seen_at < v_now - ${dayMs};
  RETURN json_build_object('now', v_now, 'runs', coalesce(v_runs, '[]'), 'process', v_process, 'neighbours', (
    SELECT json_agg(identity) FROM ${schema}.processes WHERE boot = p_boot AND id IS DISTINCT FROM v_process));
END $$;
`

/**
 * Ends the leases of processes that have ended, so that their runs are due, and forgets the processes. What somebody is
 * just writing to is passed over, and found the next time.
 */
export const buryFunction = (schema: string): string => `
CREATE FUNCTION ${schema}.bury(p_dead text[], p_now float8) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_dead bigint[] := ARRAY(SELECT id FROM ${schema}.processes WHERE identity = ANY (p_dead));
BEGIN
  WITH held AS MATERIALIZED (
    SELECT id FROM ${schema}.runs WHERE process = ANY (v_dead) FOR NO KEY UPDATE SKIP LOCKED
  )
  UPDATE ${schema}.runs AS r SET process = NULL,
    lease_expires_at = least(r.lease_expires_at, p_now), due_at = least(r.due_at, p_now)
    FROM held WHERE r.id = held.id;
  DELETE FROM ${schema}.processes AS p
    WHERE id = ANY (v_dead) AND NOT EXISTS (SELECT FROM ${schema}.runs WHERE process = p.id);
END $$;
`

/** Gives a process its number, and forgets those that were not seen for long: of other hosts nobody learns that they have ended. */
export const processFunction = (schema: string): string => `
CREATE FUNCTION ${schema}.process_of(p_boot text, p_identity text) RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_now float8 := ${schema}.write_ms();
  v_id bigint;
BEGIN
  INSERT INTO ${schema}.processes AS p (boot, identity, seen_at) VALUES (p_boot, p_identity, v_now)
    ON CONFLICT (identity) DO UPDATE SET seen_at = greatest(p.seen_at, v_now) RETURNING id INTO v_id;
  DELETE FROM ${schema}.processes AS p
    WHERE seen_at < v_now - ${forgottenDays * dayMs} AND NOT EXISTS (SELECT FROM ${schema}.runs WHERE process = p.id);
  RETURN v_id;
END $$;
`

const dayMs = 86_400_000
const forgottenDays = 7

// Of the leases before, the last batches of three. The new one has none, so its first append is like all others.
const formerBatch = `,
        batch_id = NULL, batch = NULL,
        batch_ids = CASE WHEN r.batch_id IS NULL THEN r.batch_ids
          ELSE r.batch_ids[greatest(1, cardinality(r.batch_ids) - 1):] || r.batch_id END,
        batches = CASE WHEN r.batch_id IS NULL THEN r.batches
          ELSE r.batches[greatest(1, cardinality(r.batches) - 1):] || r.batch END`

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
      UPDATE ${schema}.runs AS r SET token = r.token + 1, owner = p_owner, process = v_process,
        lease_expires_at = v_now + p_ttl_ms, due_at = v_now + p_ttl_ms, batch_token = r.token + 1${formerBatch}
      FROM due WHERE r.id = due.id
      RETURNING r.id, due.due_at, json_build_object('expired', due.expired, 'row', ${schema}.run_row(r)) AS run
    )
    SELECT json_agg(run ORDER BY due_at, id) INTO v_runs FROM leased;
`
