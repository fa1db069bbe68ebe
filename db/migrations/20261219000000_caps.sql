-- migrate:up
SET lock_timeout = '2s';

-- CAPS. How many jobs and pages a client may have in a day of UTC, by this server's clock.
CREATE TABLE caps (
    client_id job_key PRIMARY KEY,
    jobs bigint CHECK (jobs >= 0),
    pages bigint CHECK (pages >= 0),
    set_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON COLUMN caps.jobs IS 'most new jobs of a day; 0 is no cap, null the one of the settings';
COMMENT ON COLUMN caps.pages IS 'most pages read in a day; 0 is no cap, null the one of the settings';

-- What came and what was read in a day. Each connection counts in a row of its own, in the transaction of what it
-- counts, so that nobody waits for another; days that are over are added up in row 0.
CREATE TABLE day_counts (
    day date NOT NULL,
    client_id job_key NOT NULL,
    shard integer NOT NULL,
    jobs bigint NOT NULL DEFAULT 0,
    pages bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (day, client_id, shard)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02);
COMMENT ON COLUMN day_counts.shard IS 'process id of the connection that counts; 0 once the day is over';
COMMENT ON COLUMN day_counts.jobs IS 'new jobs of a client that has a cap; none is counted of others';
CREATE INDEX day_counts_to_add_up ON day_counts (day) WHERE shard <> 0;

CREATE FUNCTION day_of_counts() RETURNS date LANGUAGE sql STABLE
    RETURN (now() AT TIME ZONE 'UTC')::date;

-- migrate:down
SET lock_timeout = '2s';
DROP FUNCTION day_of_counts();
DROP TABLE day_counts, caps;
