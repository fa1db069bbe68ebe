-- migrate:up transaction:false
-- With the state: what was cancelled and what failed without a code are told apart in the index alone. Where ten
-- million jobs have ended, each of them was looked for in a page of its own.
CREATE INDEX CONCURRENTLY jobs_failures ON jobs (error_code, ix_id) INCLUDE (status)
    WHERE status IN ('error', 'cancelled');

-- migrate:down transaction:false
DROP INDEX CONCURRENTLY jobs_failures;
