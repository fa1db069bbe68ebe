-- migrate:up
SET lock_timeout = '2s';

-- EXPIRIES. Jobs that are to be erased at a moment, whatever their state: a trial, say. A table of its own, so that
-- whoever submits a job without an expiry writes nothing more.
CREATE TABLE expiries (
    ix_id text PRIMARY KEY REFERENCES jobs ON DELETE CASCADE,
    erase_at timestamptz NOT NULL
);
CREATE INDEX expiries_due ON expiries (erase_at);

-- migrate:down
SET lock_timeout = '2s';
DROP TABLE expiries;
