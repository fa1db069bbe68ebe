-- migrate:up transaction:false
-- Ended jobs by the beginning of their clients' ids, among 4096 jobs at a time: see words_of_name().
CREATE INDEX CONCURRENTLY jobs_by_request ON jobs ("left"(ix_id, 7), request_id COLLATE "C")
    WHERE finished_at IS NOT NULL;

-- migrate:down transaction:false
DROP INDEX CONCURRENTLY jobs_by_request;
