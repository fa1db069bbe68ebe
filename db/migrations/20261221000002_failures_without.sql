-- migrate:up transaction:false
-- Its successor serves what it did.
DROP INDEX CONCURRENTLY jobs_failed;

-- migrate:down transaction:false
CREATE INDEX CONCURRENTLY jobs_failed ON jobs (error_code, ix_id) WHERE status IN ('error', 'cancelled');
