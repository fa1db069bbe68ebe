-- migrate:up
SET lock_timeout = '2s';

-- HEADS. What a list says of a job without a look at what was asked and answered. Null in jobs of before, and nothing
-- that rewrites the table. Names that no other table has: what an engine of the version before joins stays clear. The
-- first two come with the job, the others with its end.
ALTER TABLE jobs
    ADD COLUMN document_name text,
    ADD COLUMN document_count smallint,
    ADD COLUMN page_count integer,
    ADD COLUMN headline text,
    ADD COLUMN error_code text,
    ADD COLUMN review text,
    ADD COLUMN points integer,
    ADD COLUMN lost_attempts jsonb;
COMMENT ON COLUMN jobs.document_name IS 'name of the first document, cut';
COMMENT ON COLUMN jobs.document_count IS 'how many documents it came with';
COMMENT ON COLUMN jobs.page_count IS 'pages that were read';
COMMENT ON COLUMN jobs.headline IS 'the result in one line, for people';
COMMENT ON COLUMN jobs.error_code IS 'of a job in error: the code of its error';
COMMENT ON COLUMN jobs.review IS
    'whether people have looked at the result, or have to: straight, needed, leased, approved, rejected';
COMMENT ON COLUMN jobs.points IS 'how many points of the result need eyes';
COMMENT ON COLUMN jobs.lost_attempts IS
    'attempts that ended without an answer: [{"n", "engine", "started_at", "ended_at", "outcome", "cause"}]';

-- The attempt of a running job that ends without an answer, and those before it.
CREATE FUNCTION with_lost_attempt(job jobs, what text, why text) RETURNS jsonb LANGUAGE sql STABLE
    RETURN coalesce(job.lost_attempts, '[]') || jsonb_build_array(jsonb_build_object(
        'n', job.attempts + 1, 'engine', (SELECT name FROM engines WHERE engine_id = job.engine_id),
        'started_at', job.started_at, 'ended_at', clock_timestamp(), 'outcome', what, 'cause', why));

-- The words of a document's name, for the search by their beginnings: each behind the first seven digits of its job's
-- id, so that the search goes from the newest 4096 jobs to older ones, and ends when it has found enough.
CREATE FUNCTION words_of_name(bucket text, name text) RETURNS text[] LANGUAGE sql IMMUTABLE
    RETURN ARRAY(SELECT DISTINCT bucket || word FROM unnest(string_to_array(regexp_replace(
        lower(name), '[\s!-/:-@[-`{-~]+', ' ', 'g'), ' ')) AS word WHERE word <> '');

CREATE FUNCTION name_index(bucket text, name text) RETURNS tsvector LANGUAGE sql IMMUTABLE
    RETURN array_to_tsvector(words_of_name(bucket, name));

CREATE FUNCTION name_query(bucket text, asked text) RETURNS tsquery LANGUAGE sql IMMUTABLE
    RETURN (SELECT string_agg('''' || word || ''':*', ' & ')
            FROM unnest(words_of_name(bucket, asked)) AS word)::tsquery;

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
        NEW.page_count := NULL;
        NEW.headline := NULL;
        NEW.error_code := NULL;
        NEW.review := NULL;
        NEW.points := NULL;
        NEW.lost_attempts := NULL;
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
DROP FUNCTION name_query(text, text);
DROP FUNCTION name_index(text, text);
DROP FUNCTION words_of_name(text, text);
DROP FUNCTION with_lost_attempt(jobs, text, text);
ALTER TABLE jobs DROP COLUMN document_name, DROP COLUMN document_count, DROP COLUMN page_count,
    DROP COLUMN headline, DROP COLUMN error_code, DROP COLUMN review, DROP COLUMN points, DROP COLUMN lost_attempts;
