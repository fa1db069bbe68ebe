-- migrate:up
SET lock_timeout = '2s';

-- Once one row exists, revoked or not, every call needs a key.
CREATE TABLE api_keys (
    key_id text COLLATE "C" PRIMARY KEY CHECK (key_id ~ '^[0-9a-f]{12}$'),
    client_id text CHECK (length(client_id) BETWEEN 1 AND 200),
    sha256 bytea NOT NULL CHECK (octet_length(sha256) = 32),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    revoked_at timestamptz
);
COMMENT ON COLUMN api_keys.client_id IS 'whose jobs the key may see and make; null is everybody''s: an admin key';
COMMENT ON COLUMN api_keys.sha256 IS 'of the whole key; a key is 256 random bits, which no slower hash would protect better';

-- migrate:down
SET lock_timeout = '2s';
DROP TABLE api_keys;
