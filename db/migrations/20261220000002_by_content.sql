-- migrate:up transaction:false
-- The earliest job with the same documents, found by one look, however many there are.
CREATE INDEX CONCURRENTLY jobs_by_content ON jobs (content, ix_id) WHERE content IS NOT NULL;

-- migrate:down transaction:false
DROP INDEX CONCURRENTLY jobs_by_content;
