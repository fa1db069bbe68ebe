-- migrate:up transaction:false
-- What is not claimed simply in the order of tickets: the quarantined, by client, and the ranked, by client and rank.
-- Nearly always empty, so that one look tells a claim that there is nothing to heed.
CREATE INDEX CONCURRENTLY jobs_pending_apart ON jobs (quarantined, client_id, queue, priority DESC, arrival)
    WHERE status = 'pending' AND (quarantined OR ranked);

-- migrate:down transaction:false
DROP INDEX CONCURRENTLY jobs_pending_apart;
