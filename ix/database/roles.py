"""Roles: what web and engine may do in the database, and nothing more.

`ix_web` and `ix_engine` are groups that no one logs in as; an operator grants them to the accounts of the processes.
They belong to the whole server, so that several databases share them, and nothing drops them: an account works in every
ix database that it may connect to (which PUBLIC may, until `REVOKE CONNECT ON DATABASE` says otherwise). The owner of
the tables, who migrates, makes keys and makes secrets, needs no role.

Rights are granted again after every migration, from scratch and in one transaction: whoever adds a table names it in
`_GRANTS`, and what is not said there is not allowed. `tests/database/test_roles.py` fails for a table that is not
named."""

from __future__ import annotations

from contextlib import suppress

import asyncpg

from ix.database.connect import Connection
from ix.errors import IxError

ROLES = ("ix_web", "ix_engine")

_EXISTING = "SELECT rolname FROM pg_roles WHERE rolname IN ('ix_web', 'ix_engine')"


async def existing(connection: Connection) -> set[str]:
    """Those of the roles that the server has."""
    return {row["rolname"] for row in await connection.fetch(_EXISTING)}


_CREATE = {"ix_web": "CREATE ROLE ix_web NOLOGIN", "ix_engine": "CREATE ROLE ix_engine NOLOGIN"}


async def create(connection: Connection) -> list[str]:
    """Makes the roles that are missing, and returns them. Raises `IxError` with what an administrator has to do."""
    missing = [role for role in ROLES if role not in await existing(connection)]
    for role in missing:
        try:
            # another database of the server may be making it at this moment
            with suppress(asyncpg.DuplicateObjectError, asyncpg.UniqueViolationError):
                async with connection.transaction():
                    await connection.execute(_CREATE[role])
        except asyncpg.InsufficientPrivilegeError:
            lines = "; ".join(_CREATE[one] for one in missing)
            raise IxError(
                f"this account may not make roles: let an administrator run `{lines}`, then run `ix roles` again"
            ) from None
    return missing


# In column lists: no INSERT of a job that has ended already, no UPDATE of what a client asked for, no answer from web
# (its retry leaves the forgetting to a trigger), no bytes or passwords of documents back to web, and no engine that
# makes jobs but parts of one that it has claimed. Whoever ends a job deletes its passwords, in a trigger, for which
# web sees whose they are. What is in the audit log stays there, as it was added and at that moment,
# until it is older than the owner wants it.
_GRANTS = """
    DO $$ BEGIN EXECUTE format('GRANT USAGE ON SCHEMA %I TO ix_web, ix_engine', current_schema()); END $$;

    REVOKE ALL ON actions, api_keys, audit, audit_term, batches, callback_secrets, caps, configurations,
        corrections, day_counts, deliveries, documents, engines, expiries, job_passwords, job_tags, jobs,
        loose_objects, pages, parts, password_key, pauses, pdfs, pictures, quarantine_strikes, queue_slots, queues,
        retained, retained_later, retention, reviews, schema_migrations, sessions, tallied, tallies FROM ix_web,
        ix_engine;
    REVOKE ALL ON SEQUENCE audit_number_seq, corrections_number_seq, job_numbers FROM ix_web, ix_engine;

    GRANT SELECT ON schema_migrations TO ix_web, ix_engine;

    GRANT SELECT, DELETE ON jobs TO ix_web, ix_engine;
    GRANT INSERT (client_id, request_id, use_case, fingerprint, max_attempts, callback_url, request, priority, run_at,
        queue, status, position, trace, precedence, ranked, arrival, has_passwords, document_name,
        document_count, tags, batch_id, configuration) ON jobs TO ix_web;
    GRANT UPDATE (status, finished_at, engine_id, callback_status, run_at, position, queue, review, points)
        ON jobs TO ix_web;
    GRANT UPDATE (status, finished_at, engine_id, callback_status, run_at, position, ranked, arrival,
        queue, claim_token, started_at, attempts, last_error, quarantined, response, page_count, headline,
        error_code, review, points, lost_attempts, content, paper) ON jobs TO ix_engine;
    GRANT USAGE ON SEQUENCE job_numbers TO ix_web;
    GRANT EXECUTE ON FUNCTION new_ix_id() TO ix_web;
    GRANT EXECUTE ON FUNCTION words_of_name(text, text), name_index(text, text), name_query(text, text)
        TO ix_web, ix_engine;
    GRANT EXECUTE ON FUNCTION with_lost_attempt(jobs, text, text) TO ix_engine;
    GRANT SELECT, DELETE ON parts TO ix_web, ix_engine;
    GRANT EXECUTE ON FUNCTION split_job(text, uuid, jsonb, bytea[], bytea[]) TO ix_engine;
    GRANT EXECUTE ON FUNCTION next_position(text, smallint, text), next_ticket(text, smallint, text),
        queue_of(text), host_of(text) TO ix_web, ix_engine;

    GRANT SELECT ON queues, queue_slots TO ix_web, ix_engine;
    GRANT UPDATE (ix_id) ON queue_slots TO ix_web, ix_engine;
    GRANT INSERT, DELETE ON queues, queue_slots TO ix_engine;

    GRANT SELECT, UPDATE (settled, seen_position, seen_ix_id) ON pauses TO ix_web, ix_engine;
    GRANT UPDATE (queue), DELETE ON pauses TO ix_engine;
    GRANT EXECUTE ON FUNCTION pause_use_case(text, text), resume_use_case(text) TO ix_web;
    GRANT EXECUTE ON FUNCTION paused_queue(text) TO ix_web, ix_engine;
    GRANT SELECT, INSERT ON actions TO ix_web;
    GRANT SELECT, DELETE, UPDATE (state, token, looks, due_at, moved_at, total, done, failed, reasons, before_id)
        ON actions TO ix_engine;

    GRANT SELECT (sha256, uses), INSERT (sha256, bytes, object, size, uses) ON documents TO ix_web;
    GRANT SELECT ON documents TO ix_engine;
    GRANT UPDATE (uses), DELETE ON documents TO ix_web, ix_engine;
    GRANT SELECT, INSERT (key, due_at), DELETE ON loose_objects TO ix_web, ix_engine;
    GRANT UPDATE (attempts, due_at) ON loose_objects TO ix_engine;

    GRANT SELECT ON engines TO ix_web;
    GRANT SELECT, DELETE, INSERT (engine_id, lock_key, name, health, slots, running, waits),
        UPDATE (heartbeat_at, missing_since, lock_key, health, alone_until, slots, running, waits)
        ON engines TO ix_engine;
    GRANT SELECT, INSERT, UPDATE ON retained TO ix_engine;
    GRANT SELECT, INSERT, UPDATE, DELETE ON retained_later TO ix_engine;
    GRANT EXECUTE ON FUNCTION erase_documents(text[]), erase_results(text[]), erase_audit() TO ix_engine;
    GRANT SELECT ON retention TO ix_web, ix_engine;
    GRANT INSERT (use_case, documents, results, jobs), UPDATE (documents, results, jobs, set_at), DELETE
        ON retention TO ix_web;
    GRANT SELECT ON audit_term TO ix_web;
    GRANT SELECT ON tallied, tallies TO ix_web;
    GRANT SELECT, UPDATE ON tallied TO ix_engine;
    GRANT SELECT, INSERT, UPDATE, DELETE ON tallies TO ix_engine;
    GRANT SELECT, INSERT (client_id, jobs, pages), UPDATE (jobs, pages, set_at), DELETE ON caps TO ix_web;
    GRANT SELECT, INSERT (day, client_id, shard, jobs), UPDATE (jobs) ON day_counts TO ix_web;
    GRANT SELECT, INSERT, UPDATE, DELETE ON day_counts TO ix_engine;
    GRANT EXECUTE ON FUNCTION day_of_counts() TO ix_web, ix_engine;

    GRANT SELECT ON job_tags TO ix_web, ix_engine;
    GRANT SELECT, INSERT (client_id, batch_id, callback_url), UPDATE (closed_at) ON batches TO ix_web;
    GRANT SELECT, UPDATE (ended_at, counts, callback_status), DELETE ON batches TO ix_engine;
    GRANT SELECT, INSERT (ix_id, url, approval) ON deliveries TO ix_web, ix_engine;
    GRANT INSERT (client_id, batch_id, host) ON deliveries TO ix_engine;
    GRANT DELETE ON deliveries TO ix_web;
    GRANT UPDATE (again, approval) ON deliveries TO ix_web;
    GRANT UPDATE (status, attempts, due_at, outcome, ended_at, again) ON deliveries TO ix_engine;

    GRANT SELECT, INSERT (ix_id, erase_at), UPDATE (erase_at), DELETE ON expiries TO ix_web;
    GRANT SELECT ON expiries TO ix_engine;

    GRANT SELECT ON pages TO ix_web;
    GRANT SELECT, INSERT, UPDATE, DELETE ON pages TO ix_engine;
    GRANT SELECT, INSERT (sha256, page, rotation, width, longest, ordered_by), UPDATE (seen_at) ON pictures TO ix_web;
    GRANT SELECT, DELETE, UPDATE (attempts, due_at, picture, problem, seen_at) ON pictures TO ix_engine;
    GRANT SELECT, INSERT (ix_id, kind, version, ordered_by, answer), UPDATE (seen_at) ON pdfs TO ix_web;
    GRANT SELECT, DELETE, UPDATE (attempts, due_at, answer, file, problem, seen_at) ON pdfs TO ix_engine;
    GRANT SELECT, INSERT, UPDATE, DELETE ON quarantine_strikes TO ix_engine;

    GRANT SELECT (ix_id), INSERT, DELETE ON job_passwords TO ix_web;
    GRANT SELECT, DELETE ON job_passwords TO ix_engine;
    GRANT SELECT ON password_key TO ix_web;

    GRANT SELECT, INSERT (ix_id, client_id, use_case, version, leased_by, lease_holder, leased_until),
        UPDATE (version, state, leased_by, lease_holder, leased_until, decided_by, decided_at, note, readings)
        ON reviews TO ix_web;
    GRANT SELECT (ix_id, state, version, leased_until), UPDATE (state, version, leased_by, lease_holder,
        leased_until, note, decided_by, decided_at, readings) ON reviews TO ix_engine;
    GRANT SELECT (ix_id) ON corrections TO ix_engine;
    GRANT SELECT, INSERT (ix_id, version, path, op, row_at, row_to, value, was, evidence, made_by)
        ON corrections TO ix_web;

    GRANT SELECT, DELETE, INSERT (client_id, name, version, body, made_by), UPDATE (body) ON configurations TO ix_web;
    GRANT SELECT ON callback_secrets TO ix_engine;
    GRANT SELECT, UPDATE (used_at) ON api_keys TO ix_web;
    GRANT SELECT, DELETE, INSERT (sha256, key_id, issuer, subject, name, roles, client_id), UPDATE (seen_at)
        ON sessions TO ix_web;
    GRANT SELECT, INSERT (who, key_id, client_id, what, ix_id, detail, request) ON audit TO ix_web;"""


async def grant(connection: Connection) -> bool:
    """Gives the roles exactly their rights in this database; False where the server does not have both of them.

    Raises `IxError` where the account does not own the tables."""
    if await existing(connection) != set(ROLES):
        return False
    try:
        await connection.execute(_GRANTS)
    except asyncpg.InsufficientPrivilegeError as error:
        raise IxError(
            f"this account may not grant rights ({error.args[0]}): use the one that owns the tables"
        ) from None
    return True
