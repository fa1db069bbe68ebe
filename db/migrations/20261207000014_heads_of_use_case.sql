-- migrate:up transaction:false
-- Ended jobs by use case, of which some are rare. A job enters once, with its end.
CREATE INDEX CONCURRENTLY jobs_ended_of_use_case ON jobs (use_case, ix_id) WHERE finished_at IS NOT NULL;

-- migrate:down transaction:false
DROP INDEX CONCURRENTLY jobs_ended_of_use_case;
