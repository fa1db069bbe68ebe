-- migrate:up
SET lock_timeout = '2s';

-- One row for each end of a job that somebody wants to hear of. `due_at` is when the next try may begin; a try moves it ahead first, so
-- that a sender that dies is followed by another.
CREATE TABLE deliveries (
    delivery_id text COLLATE "C" PRIMARY KEY DEFAULT 'msg_' || replace(gen_random_uuid()::text, '-', ''),
    ix_id text NOT NULL REFERENCES jobs ON DELETE CASCADE,
    url text NOT NULL,
    status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'delivered', 'failed')),
    attempts smallint NOT NULL DEFAULT 0,
    outcome text,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    due_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    ended_at timestamptz,
    CONSTRAINT deliveries_ended CHECK ((status = 'pending') = (ended_at IS NULL))
);
CREATE INDEX deliveries_due ON deliveries (due_at) WHERE status = 'pending';
CREATE INDEX deliveries_of_job ON deliveries (ix_id, created_at);
COMMENT ON COLUMN deliveries.outcome IS 'what the last try came to, without the receiver''s words';

-- The secrets that sign a client's callbacks; while one replaces another both are valid.
CREATE TABLE callback_secrets (
    client_id text NOT NULL,
    secret bytea NOT NULL CHECK (octet_length(secret) BETWEEN 24 AND 64),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at timestamptz,
    PRIMARY KEY (client_id, created_at)
);

-- Whoever ends a job, its engine, the sweep or the client, owes the delivery in the same commit.
CREATE FUNCTION owe_delivery() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO deliveries (ix_id, url) VALUES (NEW.ix_id, NEW.callback_url);
    PERFORM pg_notify('ix_deliveries', '');
    RETURN NULL;
END $$;
CREATE TRIGGER jobs_owe_delivery AFTER UPDATE OF finished_at ON jobs FOR EACH ROW
    WHEN (NEW.callback_url IS NOT NULL AND NEW.finished_at IS NOT NULL AND OLD.finished_at IS NULL)
    EXECUTE FUNCTION owe_delivery();

-- What was still owed becomes a delivery.
INSERT INTO deliveries (ix_id, url) SELECT ix_id, callback_url FROM jobs WHERE callback_status = 'pending';
DROP INDEX jobs_to_call_back;

-- migrate:down
SET lock_timeout = '2s';
CREATE INDEX jobs_to_call_back ON jobs (finished_at) WHERE callback_status = 'pending';
DROP TRIGGER jobs_owe_delivery ON jobs;
DROP FUNCTION owe_delivery();
DROP TABLE callback_secrets;
DROP TABLE deliveries;
