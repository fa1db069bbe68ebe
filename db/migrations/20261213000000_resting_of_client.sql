-- migrate:up transaction:false
-- The jobs of a client but for those that run, which are few, and have an index of their own: a job enters when it
-- comes and when it ends, and a claim, which has most of its cost from indexes, writes one less.
CREATE INDEX CONCURRENTLY jobs_resting_of_client ON jobs (client_id, ix_id) WHERE status <> 'running';

-- migrate:down transaction:false
DROP INDEX CONCURRENTLY jobs_resting_of_client;
