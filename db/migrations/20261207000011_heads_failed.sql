-- migrate:up transaction:false
-- Failures by their cause: what ended in error by the code of it, what was cancelled without one.
CREATE INDEX CONCURRENTLY jobs_failed ON jobs (error_code, ix_id) WHERE status IN ('error', 'cancelled');

-- migrate:down transaction:false
DROP INDEX CONCURRENTLY jobs_failed;
