-- migrate:up transaction:false
-- The jobs of a batch, as lists and counts ask for them.
CREATE INDEX CONCURRENTLY jobs_of_batch ON jobs (client_id, batch_id, ix_id) WHERE batch_id IS NOT NULL;

-- migrate:down transaction:false
DROP INDEX CONCURRENTLY jobs_of_batch;
