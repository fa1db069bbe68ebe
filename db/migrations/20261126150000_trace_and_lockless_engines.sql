-- migrate:up
SET lock_timeout = '2s';

-- The trace that a job belongs to: the values of its traceparent and tracestate headers (W3C Trace Context), separated by a space.
ALTER TABLE jobs ADD COLUMN trace text CHECK (trace ~ '^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}( |$)');

-- Behind a pooler that shares sessions an engine can hold no session lock: only its heartbeat says that it lives.
ALTER TABLE engines ALTER COLUMN lock_key DROP NOT NULL;
COMMENT ON COLUMN engines.lock_key IS
    'session advisory lock (IX, lock_key) that the engine''s listener connection holds; null where it can hold none';

-- migrate:down
SET lock_timeout = '2s';
UPDATE engines SET lock_key = -1 - abs(hashtext(engine_id::text)) WHERE lock_key IS NULL;
ALTER TABLE engines ALTER COLUMN lock_key SET NOT NULL;
COMMENT ON COLUMN engines.lock_key IS 'session advisory lock (IX, lock_key) that the engine''s listener connection holds';
ALTER TABLE jobs DROP COLUMN trace;
