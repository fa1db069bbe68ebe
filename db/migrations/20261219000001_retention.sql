-- migrate:up
SET lock_timeout = '2s';

-- RETENTION BY USE CASE. How many days after a job's end its documents go, its result, and the job. A number wins over
-- the settings; '*' is for use cases of which neither says anything.
CREATE TABLE retention (
    use_case text PRIMARY KEY CHECK (length(use_case) BETWEEN 1 AND 200),
    documents double precision CHECK (documents BETWEEN 0 AND 36500),
    results double precision CHECK (results BETWEEN 0 AND 36500),
    jobs double precision CHECK (jobs BETWEEN 0 AND 36500),
    set_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON COLUMN retention.documents IS 'days; 0 keeps them, null leaves it to the settings or to ''*''';

-- How long entries of the audit log are kept. Only the owner says so: neither web, of which the log tells, nor engines,
-- which erase what is older, may shorten it.
CREATE TABLE audit_term (
    days double precision NOT NULL CHECK (days BETWEEN 1 AND 36500)
);
CREATE UNIQUE INDEX audit_term_once ON audit_term ((true));

ALTER TABLE jobs ADD COLUMN results_erased timestamptz;
COMMENT ON COLUMN jobs.results_erased IS 'when its result, and all that was made of it, was erased before the job';

-- Which use cases had rules of their own when the rule of all others came so far: one that has none any more is looked
-- for from the first end on.
ALTER TABLE retained ADD COLUMN named text[] NOT NULL DEFAULT '{}', ALTER COLUMN until SET DEFAULT '-infinity';

-- Jobs whose time has come, and whose callback is still owed, or a part of which is younger: looked at again.
CREATE TABLE retained_later (
    ix_id job_id NOT NULL REFERENCES jobs ON DELETE CASCADE,
    kind text NOT NULL,
    due_at timestamptz NOT NULL,
    PRIMARY KEY (ix_id, kind)
);
CREATE INDEX retained_later_due ON retained_later (kind, due_at);

-- With the owner's rights: engines cannot change corrections, nor what lists say of a job. The error stays, whose words
-- are never a document's.
CREATE FUNCTION erase_results(of_jobs text[]) RETURNS int LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp' AS $$
DECLARE
    erased text[];
BEGIN
    WITH marked AS (
        UPDATE jobs SET results_erased = clock_timestamp(), headline = NULL, review = NULL, points = NULL,
            response = CASE WHEN response IS NOT NULL THEN jsonb_build_object('result', NULL, 'evidence', NULL,
                'error', response -> 'error', 'timings', '{}'::jsonb, 'usage', '{}'::jsonb,
                'warnings', jsonb_build_array(jsonb_build_object('code', 'result_erased', 'path', '',
                    'message', 'the result was erased, as retention has it')))
            END
        WHERE ix_id = ANY (ARRAY(
            SELECT ix_id FROM jobs WHERE ix_id = ANY (of_jobs) AND finished_at IS NOT NULL AND results_erased IS NULL
                AND callback_status IS DISTINCT FROM 'pending'
            ORDER BY ix_id FOR UPDATE))
        RETURNING ix_id
    )
    SELECT array_agg(ix_id) INTO erased FROM marked;
    DELETE FROM pages WHERE ix_id = ANY (erased);
    DELETE FROM pdfs WHERE ix_id = ANY (erased);
    -- corrections with them (ON DELETE CASCADE)
    DELETE FROM reviews WHERE ix_id = ANY (erased);
    UPDATE deliveries SET approval = NULL WHERE ix_id = ANY (erased) AND approval IS NOT NULL;
    UPDATE parts SET reason = '' WHERE parent = ANY (erased);
    RETURN coalesce(cardinality(erased), 0);
END $$;

-- One that is tried again has a result again, in the end.
CREATE FUNCTION await_result() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.results_erased := NULL;
    RETURN NEW;
END $$;
CREATE TRIGGER jobs_before_result BEFORE UPDATE OF status ON jobs FOR EACH ROW
    WHEN (OLD.results_erased IS NOT NULL AND NEW.finished_at IS NULL) EXECUTE FUNCTION await_result();

-- The oldest entries, a few at a time; nothing where no term is set. Their numbers follow their times.
CREATE FUNCTION erase_audit() RETURNS int LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp' AS $$
DECLARE
    erased int;
BEGIN
    DELETE FROM audit WHERE number = ANY (ARRAY(
        SELECT number FROM (SELECT number, at FROM audit ORDER BY number LIMIT 500) AS oldest
        WHERE at < clock_timestamp() - (SELECT days FROM audit_term) * interval '1 day'));
    GET DIAGNOSTICS erased = ROW_COUNT;
    RETURN erased;
END $$;

-- Whoever may connect could else erase what engines may.
REVOKE ALL ON FUNCTION erase_results, erase_audit, erase_documents FROM PUBLIC;

-- migrate:down
SET lock_timeout = '2s';
GRANT EXECUTE ON FUNCTION erase_documents TO PUBLIC;
DROP FUNCTION erase_audit();
DROP TRIGGER jobs_before_result ON jobs;
DROP FUNCTION await_result(), erase_results(text[]);
DROP TABLE retained_later;
ALTER TABLE retained DROP COLUMN named, ALTER COLUMN until DROP DEFAULT;
ALTER TABLE jobs DROP COLUMN results_erased;
DROP TABLE audit_term, retention;
