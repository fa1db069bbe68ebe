-- migrate:up
SET lock_timeout = '2s';

-- AUDIT. Who did what, when. Entries are added in the transaction of what they tell of, and nobody's account changes or
-- removes one but the owner's, who decides how long they are kept. They outlive the jobs that they name, so they hold
-- ids, counts and rights, and nothing of what a document says.
CREATE TABLE audit (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    who text NOT NULL CHECK (length(who) BETWEEN 1 AND 300),
    key_id text,
    client_id text,
    what text NOT NULL CHECK (length(what) BETWEEN 1 AND 60),
    ix_id job_id,
    detail jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(detail) = 'object'),
    request text
);
CREATE INDEX audit_who ON audit (who, number);
CREATE INDEX audit_what ON audit (what, number);
CREATE INDEX audit_job ON audit (ix_id, number) WHERE ix_id IS NOT NULL;
COMMENT ON COLUMN audit.who IS 'the name of the key or the person, as it was then';
COMMENT ON COLUMN audit.key_id IS 'null for whoever had none: by OpenID Connect, by command, at an open service';
COMMENT ON COLUMN audit.client_id IS 'whose jobs there were for the caller; null is everybody''s';
COMMENT ON COLUMN audit.request IS 'the X-Request-Id under which it was asked';

-- For statements that do what is noted, in the same transaction. Without an entry nothing is noted: what the service
-- does by itself is nobody's doing.
CREATE FUNCTION note_audit(entry jsonb, about text) RETURNS void LANGUAGE sql AS $$
    INSERT INTO audit (who, key_id, client_id, what, ix_id, detail, request)
    SELECT entry ->> 'who', entry ->> 'key_id', entry ->> 'client_id', entry ->> 'what', about, entry -> 'detail',
        entry ->> 'request'
    WHERE entry IS NOT NULL
$$;

-- SESSIONS of browsers. The cookie is random, and only its hash is here. A session of a key has the key's rights, as
-- they are now; one of a person whom an OpenID provider knows has those of its roles. No token of a provider is kept.
CREATE TABLE sessions (
    sha256 digest PRIMARY KEY,
    key_id text REFERENCES api_keys ON DELETE CASCADE,
    issuer text,
    subject text,
    name text NOT NULL DEFAULT '' CHECK (length(name) <= 200),
    roles text[],
    client_id text,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    seen_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CHECK ((key_id IS NULL) = (subject IS NOT NULL)),
    CHECK ((subject IS NULL) = (issuer IS NULL) AND (subject IS NULL) = (roles IS NULL))
);
CREATE INDEX sessions_key ON sessions (key_id);
COMMENT ON COLUMN sessions.client_id IS 'whose jobs there are for the person; null is everybody''s';

-- migrate:down
SET lock_timeout = '2s';
DROP TABLE sessions;
DROP FUNCTION note_audit(jsonb, text);
DROP TABLE audit;
