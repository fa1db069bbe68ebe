-- migrate:up transaction:false
-- What people have to look at, or have looked at.
CREATE INDEX CONCURRENTLY jobs_in_review ON jobs (review, ix_id) WHERE review IS NOT NULL;

-- migrate:down transaction:false
DROP INDEX CONCURRENTLY jobs_in_review;
