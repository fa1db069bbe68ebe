-- migrate:up transaction:false
-- What people have to look at of one client, or have looked at.
CREATE INDEX CONCURRENTLY jobs_in_review_of_client ON jobs (client_id, review, ix_id) WHERE review IS NOT NULL;

-- migrate:down transaction:false
DROP INDEX CONCURRENTLY jobs_in_review_of_client;
