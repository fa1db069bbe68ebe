-- migrate:up transaction:false
-- What a batch takes along when it is erased.
CREATE INDEX CONCURRENTLY deliveries_of_batch ON deliveries (client_id, batch_id) WHERE batch_id IS NOT NULL;

-- migrate:down transaction:false
DROP INDEX CONCURRENTLY deliveries_of_batch;
