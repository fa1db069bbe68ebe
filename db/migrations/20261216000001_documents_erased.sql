-- migrate:up
SET lock_timeout = '2s';

-- DOCUMENTS BEFORE RESULTS. What was sent may have to go sooner than what was found: an engine then erases the
-- documents of an ended job, and what shows their pages, and its row says when.
ALTER TABLE jobs ADD COLUMN documents_erased timestamptz;
COMMENT ON COLUMN jobs.documents_erased IS
    'when the bytes of its documents, and what was read on their pages, were erased before the job';

-- Up to which end jobs were looked at, by rule (ix.database.retained): each job once, however many there are.
CREATE TABLE retained (
    rule text PRIMARY KEY,
    until timestamptz NOT NULL
);

-- With the owner's rights: engines cannot write what a client asked for. The request keeps names and sizes; without
-- their digests, whoever erases the job later takes no document for its own that another job has.
CREATE FUNCTION erase_documents(of_jobs text[]) RETURNS int LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp' AS $$
DECLARE
    erased int;
BEGIN
    WITH locked AS MATERIALIZED (
        SELECT ix_id, request FROM jobs WHERE ix_id = ANY (of_jobs) AND finished_at IS NOT NULL
            AND documents_erased IS NULL AND jsonb_typeof(request -> 'documents') = 'array'
        ORDER BY ix_id FOR UPDATE
    ), marked AS (
        UPDATE jobs SET documents_erased = clock_timestamp(), request = jsonb_set(jobs.request, '{documents}', (
            SELECT coalesce(jsonb_agg(document || '{"sha256": null}' ORDER BY number), '[]')
            FROM jsonb_array_elements(locked.request -> 'documents') WITH ORDINALITY AS given (document, number)))
        FROM locked WHERE jobs.ix_id = locked.ix_id RETURNING jobs.ix_id
    ), freed AS (
        SELECT decode(named #>> '{}', 'hex') AS sha256, count(DISTINCT ix_id)::int AS jobs
        FROM locked, jsonb_path_query(request, '$.documents[*].sha256 ? (@ like_regex "^[0-9a-f]{64}$")') AS named
        GROUP BY 1
    ), held AS MATERIALIZED (
        -- in the order in which submissions lock them, too
        SELECT sha256 FROM documents WHERE sha256 = ANY (ARRAY(SELECT sha256 FROM freed)) ORDER BY sha256 FOR UPDATE
    ), lowered AS (
        UPDATE documents SET uses = uses - freed.jobs FROM held JOIN freed USING (sha256)
        WHERE documents.sha256 = held.sha256
    ), unread AS (
        DELETE FROM pages WHERE ix_id = ANY (ARRAY(SELECT ix_id FROM locked))
    ), unbound AS (
        DELETE FROM pdfs WHERE ix_id = ANY (ARRAY(SELECT ix_id FROM locked))
    )
    SELECT count(*) INTO erased FROM marked;
    -- pictures of pages go with the documents (ON DELETE CASCADE)
    DELETE FROM documents WHERE uses <= 0;
    RETURN erased;
END $$;

-- migrate:down
SET lock_timeout = '2s';
DROP FUNCTION erase_documents(text[]);
DROP TABLE retained;
ALTER TABLE jobs DROP COLUMN documents_erased;
