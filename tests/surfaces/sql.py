"""The schema of a migrated database: tables and their columns, indexes, triggers, functions, and what each role may do.

table jobs.attempts: attempt_count NOT NULL DEFAULT 0
grant ix_web SELECT jobs(status)"""

from __future__ import annotations

import re
from contextlib import suppress

from ix.database import roles
from tests import accounts

_FACTS = """
    SELECT format('table %s.%s: %s%s%s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
        CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END, ' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid))
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
        LEFT JOIN pg_attrdef d ON (d.adrelid, d.adnum) = (c.oid, a.attnum)
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'v')
        AND c.relname <> 'schema_migrations' AND a.attnum > 0 AND NOT a.attisdropped

    UNION ALL SELECT format('sequence %s', relname)
    FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'S'

    UNION ALL SELECT format('index %s', regexp_replace(indexdef, '^CREATE |' || schemaname || '\\.', '', 'g'))
    FROM pg_indexes WHERE schemaname = current_schema() AND tablename <> 'schema_migrations'

    UNION ALL SELECT format('constraint %s of %s: %s', conname,
        coalesce(nullif(conrelid, 0)::regclass::text, contypid::regtype::text), pg_get_constraintdef(oid))
    FROM pg_constraint WHERE connamespace = current_schema()::regnamespace AND contype IN ('c', 'f', 'x')

    UNION ALL SELECT format('trigger %s',
        regexp_replace(pg_get_triggerdef(oid), '^CREATE |' || current_schema() || '\\.', '', 'g'))
    FROM pg_trigger WHERE NOT tgisinternal

    UNION ALL SELECT format('domain %s: %s', typname, format_type(typbasetype, typtypmod))
    FROM pg_type WHERE typnamespace = current_schema()::regnamespace AND typtype = 'd'

    UNION ALL SELECT format('function %s(%s) -> %s', proname, pg_get_function_arguments(oid),
        pg_get_function_result(oid))
    FROM pg_proc WHERE pronamespace = current_schema()::regnamespace"""

_GRANTS = """
    WITH granted AS (
        SELECT relname::text AS object, relacl AS acl FROM pg_class
        WHERE relnamespace = current_schema()::regnamespace
        UNION ALL SELECT format('%s(%s)', relname, attname), attacl
        FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid WHERE relnamespace = current_schema()::regnamespace
        UNION ALL SELECT format('%s()', proname), proacl FROM pg_proc
        WHERE pronamespace = current_schema()::regnamespace
    )
    SELECT format('grant %s %s %s', grantee::regrole, privilege_type, object)
    FROM granted CROSS JOIN LATERAL aclexplode(acl)
    WHERE grantee <> 0 AND grantee::regrole::text = ANY ($1::text[])"""


async def facts(url: str) -> list[str]:
    """What stands in the database, and what ix's roles may do with it. Leaves nothing behind.

    Raises `IxError` where the account may not make the roles."""
    with accounts.alone(), suppress(_UndoneError):
        async with accounts.connected(url) as connection, connection.transaction():
            await roles.create(connection)
            await roles.grant(connection)
            found = [*await connection.fetch(_FACTS), *await connection.fetch(_GRANTS, list(roles.ROLES))]
            raise _UndoneError
    return [_plain(fact) for (fact,) in found]


def _plain(fact: str) -> str:
    """On one line, which names what it is about once."""
    fact = re.sub(r"^index (UNIQUE )?INDEX (\w+)", lambda found: f"index {found[2]}: {found[1] or ''}".strip(), fact)
    return " ".join(re.sub(r"^trigger TRIGGER (\w+)", r"trigger \1:", fact).split())


class _UndoneError(Exception):
    """Rolls the roles back, which belong to the whole server."""
