-- migrate:up
SET lock_timeout = '2s';

-- WHAT A KEY MAY DO. The version before names none of these columns: a key that it makes has the rights of its kind, as
-- those have that were made before.
ALTER TABLE api_keys
    ADD COLUMN name text NOT NULL DEFAULT '' CHECK (length(name) <= 200),
    ADD COLUMN may text[] CHECK (
        cardinality(may) > 0 AND may <@ ARRAY['submit', 'view', 'review', 'operate', 'export', 'administer']
    ),
    ADD COLUMN use_cases text[] CHECK (
        cardinality(use_cases) > 0 AND cardinality(use_cases) <= 1000 AND array_position(use_cases, NULL) IS NULL
    ),
    ADD COLUMN expires_at timestamptz,
    ADD COLUMN used_at timestamptz,
    -- what is everybody's is no client's
    ADD CONSTRAINT api_keys_administer_check CHECK (client_id IS NULL OR NOT 'administer' = ANY (may));
COMMENT ON COLUMN api_keys.name IS 'for people: where the key is used, or by whom';
COMMENT ON COLUMN api_keys.may IS
    'its rights; null is those of its kind: submit, view, review and export for a client''s key, all for an admin''s';
COMMENT ON COLUMN api_keys.use_cases IS 'the use cases that it may ask for, and whose jobs it sees; null is all';
COMMENT ON COLUMN api_keys.used_at IS 'when a request last came with it, to about a minute';

-- migrate:down
SET lock_timeout = '2s';

-- A process that knows no rights would let a limited key do everything: such a key is not valid any more.
UPDATE api_keys SET revoked_at = coalesce(revoked_at, clock_timestamp())
    WHERE use_cases IS NOT NULL OR expires_at IS NOT NULL
        OR NOT may @> CASE WHEN client_id IS NULL THEN ARRAY['submit', 'view', 'administer']
            ELSE ARRAY['submit', 'view'] END;

ALTER TABLE api_keys DROP COLUMN name, DROP COLUMN may, DROP COLUMN use_cases, DROP COLUMN expires_at,
    DROP COLUMN used_at;
