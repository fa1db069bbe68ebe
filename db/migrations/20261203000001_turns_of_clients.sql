-- migrate:up transaction:false
-- Built beside the work, which goes on meanwhile; such an index has a file of its own, since it shares no transaction.
-- A client's pending jobs by ticket, the ranked ones apart: whose turn it is, and where its next job stands. Its
-- condition is written like this so that whoever asks for it like this gets this index and no other.
CREATE INDEX CONCURRENTLY jobs_pending_of_client ON jobs (client_id, queue, ranked, position)
    WHERE status || '' = 'pending';

-- migrate:down transaction:false
DROP INDEX CONCURRENTLY jobs_pending_of_client;
