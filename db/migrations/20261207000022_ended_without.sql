-- migrate:up transaction:false
-- Its successor serves what it did, and is written once a job instead of with each of its versions.
DROP INDEX CONCURRENTLY jobs_finished;

-- migrate:down transaction:false
CREATE INDEX CONCURRENTLY jobs_finished ON jobs USING brin (finished_at)
    WITH (autosummarize = on, pages_per_range = 32);
