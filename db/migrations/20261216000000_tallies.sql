-- migrate:up
SET lock_timeout = '2s';

-- TALLIES. What has ended, counted minute by minute: so that a day of it is told without reading its jobs, and so that
-- a monitor has numbers that only grow, whatever is erased or tried again later. Engines count each minute once, a
-- minute after it is over; minutes older than a day are added up in that of '-infinity'.
CREATE TABLE tallies (
    minute timestamptz NOT NULL,
    use_case text NOT NULL,
    status text NOT NULL,
    error_code text NOT NULL,
    bucket smallint NOT NULL,
    jobs bigint NOT NULL,
    attempts bigint NOT NULL,
    pages bigint NOT NULL,
    seconds double precision NOT NULL,
    PRIMARY KEY (minute, use_case, status, error_code, bucket)
);
COMMENT ON COLUMN tallies.error_code IS 'of jobs in error: their code; else empty';
COMMENT ON COLUMN tallies.bucket IS
    'of how many bounds of ix.database.tallies they took at least as long; -1 where none was measured';
COMMENT ON COLUMN tallies.seconds IS 'from start to end, of those that were measured';

-- The one row says up to which moment jobs are counted.
CREATE TABLE tallied (
    since timestamptz NOT NULL,
    until timestamptz NOT NULL
);
COMMENT ON COLUMN tallied.since IS 'where the last stretch that was counted began';
CREATE UNIQUE INDEX tallied_once ON tallied ((true));
-- the last day, which /metrics tells of
INSERT INTO tallied SELECT moment, moment FROM date_trunc('minute', now() - interval '1 day', 'UTC') AS moment;

ALTER TABLE engines ADD COLUMN waits jsonb;
COMMENT ON COLUMN engines.waits IS 'what waited in it for OCR and for the model when it last gave a sign of life';

-- migrate:down
SET lock_timeout = '2s';
ALTER TABLE engines DROP COLUMN waits;
DROP TABLE tallied, tallies;
