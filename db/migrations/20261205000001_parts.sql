-- migrate:up
SET lock_timeout = '2s';

-- PARTS. A job whose documents are a stack is split: each document in it becomes a job of its own, a part, and the
-- parent waits in the state `split`, without an engine, until its parts have ended. For its client it runs meanwhile.
ALTER TABLE jobs
    ADD COLUMN parent text COLLATE "C",
    ADD COLUMN parts smallint,
    DROP CONSTRAINT jobs_life,
    -- not valid, so that no row is read under the lock: what held before holds under it too. A later migration looks.
    ADD CONSTRAINT jobs_life CHECK (
        CASE status
            WHEN 'scheduled' THEN
                num_nonnulls(engine_id, claim_token, started_at, finished_at, response) = 0 AND run_at IS NOT NULL
            WHEN 'pending' THEN
                num_nonnulls(engine_id, claim_token, started_at, finished_at, response) = 0
            WHEN 'running' THEN
                num_nulls(engine_id, claim_token, started_at) = 0 AND num_nonnulls(finished_at, response) = 0
            WHEN 'split' THEN
                num_nulls(claim_token, started_at, parts) = 0 AND num_nonnulls(engine_id, finished_at, response) = 0
            WHEN 'done' THEN
                engine_id IS NULL AND finished_at IS NOT NULL AND coalesce(response -> 'error' = 'null', false)
            WHEN 'error' THEN
                engine_id IS NULL AND finished_at IS NOT NULL AND coalesce(response -> 'error' <> 'null', false)
            WHEN 'cancelled' THEN
                engine_id IS NULL AND finished_at IS NOT NULL AND response IS NULL
            ELSE false
        END) NOT VALID;
COMMENT ON COLUMN jobs.parent IS 'of a part: the job whose documents it is a part of';
COMMENT ON COLUMN jobs.parts IS 'of a job that was split: into how many';

-- No foreign keys, which would cost each job that is erased a look: parts come by split_job() and go by the triggers
-- below. One that was erased by itself keeps its row here, so that its parent can tell of it.
CREATE TABLE parts (
    parent job_id NOT NULL,
    number smallint NOT NULL CHECK (number > 0),
    ix_id job_id NOT NULL UNIQUE,
    request_id job_key NOT NULL,
    documents jsonb NOT NULL,
    reason text NOT NULL,
    PRIMARY KEY (parent, number)
);
COMMENT ON COLUMN parts.documents IS
    'which pages of the parent''s documents it is: [{"document": 0, "pages": [3, 4]}], counted as in `pages`';
COMMENT ON COLUMN parts.reason IS 'why it begins where it does';

-- Splits the job that runs under this token, in one go: whoever dies before has split nothing, and whoever comes again
-- makes no second set. `given` are its parts in order: [{"request_id", "else_request_id", "fingerprint", "request",
-- "documents", "reason"}, ...]; `digests` and `blobs` are documents that were fetched, and are stored now.
-- 1. The claim is checked under the job's lock, so that it cannot be cancelled, erased or rescued meanwhile.
-- 2. Each part is a job as one that its client submits behind its last, of the same use case, priority and trace. They
--    are let in beyond IX_MAX_PENDING, or they would be lost, and count in it from then on.
-- 3. Their keys are the parent's with a number; where the client has taken one already, others.
-- 4. What has been read of their pages is theirs, so that nobody reads it again.
-- 5. So are the passwords of their documents, and the parent needs them no more.
-- 6. Each document has as many more uses.
-- With the rights of its owner, who must have made all that its body names (hence its search_path): an engine may make
-- no other jobs than these.
CREATE FUNCTION split_job(of_job text, of_token uuid, given jsonb, digests bytea[], blobs bytea[]) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
    job jobs%ROWTYPE;
    in_queue text;
    first bigint;
    taken boolean;
    named bytea[];
    more int[];
BEGIN
    LOCK TABLE queues IN ACCESS SHARE MODE;
    SELECT * INTO job FROM jobs WHERE jobs.ix_id = of_job AND claim_token = of_token FOR UPDATE;
    IF NOT FOUND OR job.parent IS NOT NULL THEN
        RETURN 'stale';
    ELSIF job.status <> 'running' THEN
        RETURN CASE WHEN job.parts IS NULL THEN 'stale' ELSE 'repeated' END;
    END IF;
    in_queue := queue_of(job.use_case);
    first := next_ticket(job.client_id, job.precedence, in_queue);
    taken := EXISTS (SELECT FROM jobs WHERE client_id = job.client_id
        AND request_id = ANY (ARRAY(SELECT part ->> 'request_id' FROM jsonb_array_elements(given) AS part)));

    WITH listed AS MATERIALIZED (
        SELECT number, part, part ->> CASE WHEN taken THEN 'else_request_id' ELSE 'request_id' END AS request_id
        FROM jsonb_array_elements(given) WITH ORDINALITY AS given (part, number)
    ), inserted AS (
        INSERT INTO jobs (client_id, request_id, use_case, fingerprint, max_attempts, request, priority, precedence,
            queue, trace, position, ranked, arrival, parent)
        SELECT job.client_id, request_id, job.use_case, decode(part ->> 'fingerprint', 'hex'), job.max_attempts,
            part -> 'request', job.priority, job.precedence, in_queue, job.trace, first + number - 1,
            job.priority <> job.precedence, CASE WHEN job.priority <> job.precedence THEN first + number - 1 END,
            job.ix_id
        FROM listed ORDER BY number
        RETURNING jobs.ix_id, jobs.request_id
    )
    INSERT INTO parts (parent, number, ix_id, request_id, documents, reason)
    SELECT job.ix_id, number, inserted.ix_id, request_id, part -> 'documents', part ->> 'reason'
    FROM inserted JOIN listed USING (request_id);

    INSERT INTO pages (ix_id, document, page, sha256, reader, width, height, rotation, source, warnings, hidden,
        confidence, words)
    SELECT parts.ix_id, place - 1, pages.page, sha256, reader, width, height, rotation, source, warnings, hidden,
        confidence, words
    FROM parts CROSS JOIN jsonb_array_elements(documents) WITH ORDINALITY AS taken_from (document, place)
        JOIN pages ON pages.ix_id = parts.parent AND pages.document = (taken_from.document -> 'document')::int
            AND taken_from.document -> 'pages' @> to_jsonb(pages.page)
    WHERE parts.parent = job.ix_id;

    INSERT INTO job_passwords (ix_id, document, password)
    SELECT parts.ix_id, place - 1, password
    FROM parts CROSS JOIN jsonb_array_elements(documents) WITH ORDINALITY AS taken_from (document, place)
        JOIN job_passwords AS given ON given.ix_id = parts.parent
            AND given.document = (taken_from.document -> 'document')::int
    WHERE parts.parent = job.ix_id;
    UPDATE jobs SET has_passwords = true WHERE jobs.ix_id IN (
        SELECT parts.ix_id FROM parts JOIN job_passwords USING (ix_id) WHERE parts.parent = job.ix_id);
    DELETE FROM job_passwords WHERE job_passwords.ix_id = job.ix_id;

    SELECT array_agg(sha256), array_agg(uses) INTO named, more FROM (
        SELECT decode(ref ->> 'sha256', 'hex') AS sha256, count(DISTINCT number)::int AS uses
        FROM jsonb_array_elements(given) WITH ORDINALITY AS given (part, number),
            jsonb_array_elements(part -> 'request' -> 'documents') AS ref
        WHERE ref ->> 'sha256' IS NOT NULL GROUP BY 1) AS counted;
    INSERT INTO documents (sha256, bytes, uses)
    SELECT sha256, bytes, uses
    FROM unnest(digests, blobs) AS fetched (sha256, bytes) JOIN unnest(named, more) AS counted (sha256, uses)
        USING (sha256)
    ORDER BY sha256
    ON CONFLICT (sha256) DO UPDATE SET uses = documents.uses + excluded.uses;
    -- in the order in which submissions lock them, too
    PERFORM FROM documents WHERE sha256 = ANY (named) AND sha256 <> ALL (digests) ORDER BY sha256 FOR UPDATE;
    UPDATE documents SET uses = documents.uses + counted.uses FROM unnest(named, more) AS counted (sha256, uses)
    WHERE documents.sha256 = counted.sha256 AND documents.sha256 <> ALL (digests);

    UPDATE jobs SET status = 'split', engine_id = NULL, attempts = attempts + 1, parts = jsonb_array_length(given)
    WHERE jobs.ix_id = job.ix_id;
    PERFORM pg_notify('ix_jobs', '');
    PERFORM pg_notify('ix_changed', parts.ix_id) FROM parts WHERE parts.parent = job.ix_id;
    RETURN 'split';
END $$;
-- Its own schema and no one else's: a temporary table of the caller's must not stand in for one of these.
DO $$ BEGIN
    EXECUTE format('ALTER FUNCTION split_job SET search_path = %I, pg_temp', current_schema());
END $$;
REVOKE ALL ON FUNCTION split_job FROM PUBLIC;


-- WHAT FOLLOWS for parts and parents, in the same commit, whoever changes a job's state.

-- When a part has ended or is gone, engines look whether it was its parent's last. None of them waits for another's
-- commit or locks a parent for it: whoever looks after the last of these commits sees that all have ended.
CREATE FUNCTION tell_of_part() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('ix_scheduled', '');
    RETURN NULL;
END $$;
CREATE TRIGGER jobs_after_part_ended AFTER UPDATE OF status ON jobs FOR EACH ROW
    WHEN (NEW.parent IS NOT NULL AND NEW.finished_at IS NOT NULL AND OLD.finished_at IS NULL)
    EXECUTE FUNCTION tell_of_part();
CREATE TRIGGER jobs_after_part_gone AFTER DELETE ON jobs FOR EACH ROW
    WHEN (OLD.parent IS NOT NULL AND OLD.finished_at IS NULL)
    EXECUTE FUNCTION tell_of_part();

-- A parent that is cancelled takes those of its parts along that have not ended; waiters and engines are told.
CREATE FUNCTION cancel_parts() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    told text[];
BEGIN
    WITH cancelled AS (
        UPDATE jobs SET status = 'cancelled', finished_at = clock_timestamp(), engine_id = NULL
        WHERE ix_id = ANY (ARRAY(SELECT ix_id FROM parts WHERE parts.parent = NEW.ix_id))
          AND status IN ('scheduled', 'pending', 'running')
        RETURNING ix_id
    )
    SELECT array_agg(pg_notify('ix_ended', ix_id)::text || pg_notify('ix_cancelled', ix_id)::text) INTO told
    FROM cancelled;
    RETURN NULL;
END $$;
CREATE TRIGGER jobs_after_split_cancelled AFTER UPDATE OF status ON jobs FOR EACH ROW
    WHEN (OLD.status = 'split' AND NEW.status = 'cancelled')
    EXECUTE FUNCTION cancel_parts();

-- Erases the parts of a job: with it, or when it is retried, since they belong to the answer that is forgotten then.
-- Their documents are among the parent's own, so that no bytes are left without a use that had one. A function whose
-- statements each see what is committed when they begin: parts that were made while the erasure waited go as well.
CREATE FUNCTION erase_parts(of_job text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    told text[];
BEGIN
    WITH gone AS (
        DELETE FROM jobs WHERE ix_id = ANY (ARRAY(SELECT ix_id FROM parts WHERE parts.parent = of_job))
        RETURNING ix_id, request
    ), forgotten AS (
        DELETE FROM parts WHERE parts.parent = of_job
    ), freed AS (
        SELECT decode(named #>> '{}', 'hex') AS sha256, count(DISTINCT ix_id)::int AS jobs
        FROM gone, jsonb_path_query(request, '$.documents[*].sha256 ? (@ like_regex "^[0-9a-f]{64}$")') AS named
        GROUP BY 1
    ), locked AS MATERIALIZED (
        SELECT sha256 FROM documents WHERE sha256 = ANY (ARRAY(SELECT sha256 FROM freed))
        ORDER BY sha256 FOR UPDATE
    ), lowered AS (
        UPDATE documents SET uses = uses - freed.jobs FROM locked JOIN freed USING (sha256)
        WHERE documents.sha256 = locked.sha256
    )
    SELECT array_agg(pg_notify('ix_ended', ix_id)::text || pg_notify('ix_cancelled', ix_id)::text) INTO told FROM gone;
END $$;
CREATE FUNCTION erase_parts_of_erased() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM erase_parts(OLD.ix_id);
    RETURN NULL;
END $$;
CREATE TRIGGER jobs_after_parent_gone AFTER DELETE ON jobs FOR EACH ROW
    WHEN (OLD.parts IS NOT NULL) EXECUTE FUNCTION erase_parts_of_erased();

CREATE OR REPLACE FUNCTION reset_requeued_job() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    LOCK TABLE queues IN ACCESS SHARE MODE;
    NEW.queue := queue_of(NEW.use_case);
    IF OLD.finished_at IS NOT NULL THEN
        NEW.response := NULL;
        NEW.claim_token := NULL;
        NEW.started_at := NULL;
        NEW.last_error := NULL;
        NEW.quarantined := false;
        NEW.attempts := 0;
        NEW.ranked := NEW.priority <> NEW.precedence;
        NEW.arrival := CASE WHEN NEW.priority <> NEW.precedence THEN NEW.position END;
        IF OLD.parts IS NOT NULL THEN
            PERFORM erase_parts(OLD.ix_id);
            NEW.parts := NULL;
        END IF;
    END IF;
    RETURN NEW;
END $$;

-- migrate:down
SET lock_timeout = '2s';
-- What waits for its parts has nobody any more who ends it; its parts go on as jobs of their own.
DROP TRIGGER jobs_after_split_cancelled ON jobs;
UPDATE jobs SET status = 'cancelled', finished_at = clock_timestamp() WHERE status = 'split';
DROP TRIGGER jobs_after_parent_gone ON jobs;
DROP TRIGGER jobs_after_part_gone ON jobs;
DROP TRIGGER jobs_after_part_ended ON jobs;
CREATE OR REPLACE FUNCTION reset_requeued_job() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    LOCK TABLE queues IN ACCESS SHARE MODE;
    NEW.queue := queue_of(NEW.use_case);
    IF OLD.finished_at IS NOT NULL THEN
        NEW.response := NULL;
        NEW.claim_token := NULL;
        NEW.started_at := NULL;
        NEW.last_error := NULL;
        NEW.quarantined := false;
        NEW.attempts := 0;
        NEW.ranked := NEW.priority <> NEW.precedence;
        NEW.arrival := CASE WHEN NEW.priority <> NEW.precedence THEN NEW.position END;
    END IF;
    RETURN NEW;
END $$;
DROP FUNCTION split_job, tell_of_part, cancel_parts, erase_parts, erase_parts_of_erased;
DROP TABLE parts;
ALTER TABLE jobs
    DROP CONSTRAINT jobs_life,
    DROP COLUMN parent,
    DROP COLUMN parts,
    ADD CONSTRAINT jobs_life CHECK (
        CASE status
            WHEN 'scheduled' THEN
                num_nonnulls(engine_id, claim_token, started_at, finished_at, response) = 0 AND run_at IS NOT NULL
            WHEN 'pending' THEN
                num_nonnulls(engine_id, claim_token, started_at, finished_at, response) = 0
            WHEN 'running' THEN
                num_nulls(engine_id, claim_token, started_at) = 0 AND num_nonnulls(finished_at, response) = 0
            WHEN 'done' THEN
                engine_id IS NULL AND finished_at IS NOT NULL AND coalesce(response -> 'error' = 'null', false)
            WHEN 'error' THEN
                engine_id IS NULL AND finished_at IS NOT NULL AND coalesce(response -> 'error' <> 'null', false)
            WHEN 'cancelled' THEN
                engine_id IS NULL AND finished_at IS NOT NULL AND response IS NULL
            ELSE false
        END);
