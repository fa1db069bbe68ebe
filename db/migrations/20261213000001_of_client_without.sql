-- migrate:up transaction:false
-- Its successor serves what it did.
DROP INDEX CONCURRENTLY jobs_of_client;

-- migrate:down transaction:false
CREATE INDEX CONCURRENTLY jobs_of_client ON jobs (client_id, ix_id);
