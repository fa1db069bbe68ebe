-- migrate:up transaction:false
-- Those of a batch that have not ended. `|| ''` keeps it apart from the other index, which has the ended ones, too: of
-- these there may be very many before the first that has not.
CREATE INDEX CONCURRENTLY jobs_unended_of_batch ON jobs (client_id, (batch_id || ''))
    WHERE batch_id IS NOT NULL AND finished_at IS NULL;

-- migrate:down transaction:false
DROP INDEX CONCURRENTLY jobs_unended_of_batch;
