"""`python -m tests.schema` prints the schema that the migrations make: dbmate's dump, by the newest pg_dump at hand."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

import asyncpg
import pytest

from ix.database.embedded import candidates
from ix.database.migrate import dbmate_path, migrations_folder
from tests import databases

_OBJECTS = """
    SELECT 'column' AS kind, c.relname::text AS name,
        a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || ' ' || a.attnotnull
        || ' ' || coalesce(pg_get_expr(d.adbin, d.adrelid), '') || ' ' || a.attstorage::text AS definition
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
        LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
        AND c.relname <> 'schema_migrations'
    UNION ALL SELECT 'index', indexname::text, indexdef FROM pg_indexes
        WHERE schemaname = 'public' AND tablename <> 'schema_migrations'
    UNION ALL SELECT 'constraint', conrelid::regclass || '.' || conname, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace AND conrelid <> coalesce(to_regclass('schema_migrations')::oid, 0)
    UNION ALL SELECT 'function', proname::text, pg_get_functiondef(oid) FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace
    UNION ALL SELECT 'trigger', tgname::text, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL SELECT 'domain', t.typname::text,
        format_type(t.typbasetype, t.typtypmod) || ' ' || t.typcollation::regcollation
        FROM pg_type t WHERE t.typtype = 'd' AND t.typnamespace = 'public'::regnamespace
    UNION ALL SELECT 'table', relname::text, coalesce(reloptions::text, '') FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'S') AND relname <> 'schema_migrations'
    ORDER BY 1, 2, 3"""


async def objects(url: str) -> list[tuple[str, str, str]]:
    """Everything that the migrations make, as (kind, name, definition)."""
    connection = await asyncpg.connect(url)
    try:
        return [tuple(row) for row in await connection.fetch(_OBJECTS)]
    finally:
        await connection.close()


async def load(url: str, dumped: str) -> None:
    """Runs a dump, without psql's own commands."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("\n".join(line for line in dumped.splitlines() if not line.startswith("\\")))
    finally:
        await connection.close()


def dump(url: str) -> str:
    """dbmate's dump. Skips the test where no pg_dump is new enough for the server."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "schema.sql"
        for tools in candidates():
            env = {**os.environ, "DATABASE_URL": url, "PATH": f"{tools}:{os.environ['PATH']}"}
            command = [dbmate_path(), "--migrations-dir", str(migrations_folder()), "--schema-file", str(file), "dump"]
            if subprocess.run(command, env=env, capture_output=True, check=False).returncode == 0 and file.exists():
                return _plain(file.read_text())
    pytest.skip("no pg_dump that is new enough for this server")


def _plain(dumped: str) -> str:
    """Without what names a version or changes with each run."""
    noise = ("\\restrict", "\\unrestrict", "-- Dumped ", "SET transaction_timeout")
    return "\n".join(line for line in dumped.splitlines() if not line.startswith(noise)).strip() + "\n"


def main() -> None:
    with databases.server() as server, databases.template(server) as name:
        print(dump(databases.with_database(server, name)), end="")


if __name__ == "__main__":
    main()
