"""What a client does to jobs beside submitting them: cancel, retry, erase; and retention, which erases what is old.

Cancelling and erasing need no help from the engine that runs the job: the fence refuses whatever it finishes later, and
the notification only saves it the work."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import asyncpg

from ix.database.audit import entry_of
from ix.database.jobs.passwords import Passwords, ReadPasswords, columns
from ix.database.jobs.read import ENVELOPE_COLUMNS, ReadJobs
from ix.database.keys import Caller
from ix.database.pool import acquire
from ix.database.repository import QueueFull, raise_if_full
from ix.job import Job

FORGET = "DELETE FROM documents WHERE uses <= 0"
"""Follows what lowers the uses of documents, in the same transaction."""


# Deletes the jobs in `old`. `lowered`: a document counts once for each job that named it.
GONE = """, gone AS (
            DELETE FROM jobs WHERE ix_id = ANY (ARRAY(SELECT ix_id FROM old)) RETURNING ix_id, request
        ), freed AS (
            SELECT decode(named #>> '{}', 'hex') AS sha256, count(DISTINCT ix_id)::int AS jobs
            FROM gone, jsonb_path_query(request, '$.documents[*].sha256 ? (@ like_regex "^[0-9a-f]{64}$")') AS named
            GROUP BY 1
        ), locked AS MATERIALIZED (
            SELECT sha256 FROM documents WHERE sha256 = ANY (ARRAY(SELECT sha256 FROM freed))
            ORDER BY sha256 FOR UPDATE
        ), lowered AS (
            UPDATE documents SET uses = uses - freed.jobs FROM locked JOIN freed USING (sha256)
            WHERE documents.sha256 = locked.sha256
            RETURNING documents.sha256
        )"""


class ManageJobs(ReadJobs, ReadPasswords):
    """Cancel, retry and erase, each at once and of one job; and prune, of many."""

    # 1. cancelled: the job ends, unless it has already. A finish that comes later finds no running job. Its parts end
    #    by trigger.
    # 2. told: waiters hear of the end, and the engine that may be running it.
    # 3. noted: who did it ($3).
    _CANCEL = f"""
        WITH cancelled AS (
            UPDATE jobs SET status = 'cancelled', finished_at = clock_timestamp(), engine_id = NULL,
                callback_status = CASE WHEN callback_url IS NOT NULL THEN 'pending' END
            WHERE ix_id = $1 AND ($2::text IS NULL OR client_id = $2)
              AND status IN ('scheduled', 'pending', 'running', 'split')
            RETURNING {ENVELOPE_COLUMNS}
        ), told AS (
            SELECT pg_notify('ix_ended', ix_id), pg_notify('ix_cancelled', ix_id) FROM cancelled WHERE $4
        )
        SELECT cancelled.*, (SELECT count(*) FROM told), note_audit($3, ix_id) FROM cancelled"""

    async def cancel(self, ix_id: str, client_id: str | None = None, by: Caller | None = None) -> Job | None:
        """Ends a job that has not ended as cancelled, at once, and so its parts; None where it has ended already or is
        unknown. `by`: whose doing it is, for the audit log."""
        return await self._first(await self._fetch_telling(self._CANCEL, ix_id, client_id, entry_of("job.cancel", by)))

    # 1. again: an ended job waits again, behind its client's last; with passwords ($3) if it came with some, else
    #    without; one with a review only where that is to be forgotten ($6), which a trigger does. Its queue is the one
    #    that the trigger jobs_before_requeue will give it; that trigger also sees to its rank, clears the attempts, the
    #    claim and the answer, which web's account may not write, and erases its parts. Another one, jobs_after_retry,
    #    ends the callback of the old end that was not delivered yet.
    # 2. kept: these passwords, by document ($4).
    # 3. told: engines hear that there is work.
    # 4. noted: who did it ($5).
    _RETRY = f"""
        WITH again AS (
            UPDATE jobs SET status = 'pending', finished_at = NULL, callback_status = NULL, run_at = NULL,
                position = next_ticket(client_id, precedence, queue_of(use_case))
            WHERE ix_id = $1 AND ($2::text IS NULL OR client_id = $2) AND status IN ('done', 'error', 'cancelled')
              AND documents_erased IS NULL AND has_passwords = (cardinality($3::int[]) > 0)
              AND ($6 OR NOT EXISTS (SELECT FROM reviews WHERE reviews.ix_id = jobs.ix_id
                AND (state IN ('approved', 'rejected') OR state = 'open' AND (leased_until > clock_timestamp()
                    OR EXISTS (SELECT FROM corrections WHERE corrections.ix_id = reviews.ix_id)))))
            RETURNING {ENVELOPE_COLUMNS}
        ), kept AS (
            INSERT INTO job_passwords (ix_id, document, password)
            SELECT ix_id, given.document, password FROM again, unnest($3, $4::text[]) AS given (document, password)
        ), told AS (
            SELECT pg_notify('ix_jobs', '') FROM again WHERE $7
        )
        SELECT again.*, (SELECT count(*) FROM told), note_audit($5, ix_id) FROM again"""

    async def retry(
        self,
        ix_id: str,
        client_id: str | None = None,
        passwords: Passwords | None = None,
        by: Caller | None = None,
        discard_review: bool = False,
    ) -> Job | None:
        """Puts an ended job back to pending with all its attempts before it, its answer forgotten; None where it has
        not ended, or its documents were erased; where only one of the two has passwords: the job when it came, or this
        call; or where a person has reviewed the answer, or is about to, unless that is to be forgotten. `by`: whose
        doing it is, for the audit log."""
        arguments = ix_id, client_id, *columns(passwords or {}), entry_of("job.retry", by), discard_review
        return await self._first(await self._fetch_telling(self._RETRY, *arguments))

    # 1. gone: the job is deleted, whatever its state; its deliveries go with it (ON DELETE CASCADE), its parts by
    #    trigger.
    # 2. freed: the documents that it named. The path takes only what is a SHA-256: a request that this ix cannot read
    #    must not fail the statement, or one such job would keep all others from being pruned.
    # 3. told: waiters hear of the end, and the engine that may be running it.
    # 4. locked: their rows, in the order in which submissions lock them, too; else two could wait for each other.
    # 5. lowered: each document has one use less. The count is in the document's own row, so that a submission which
    #    takes the document up meanwhile is seen: one of the two waits for the other's row lock.
    # 6. noted: who did it ($3); nobody where it expired, since an engine's account may not write there at all.
    # 7. The bytes of unused documents go in the next statement, FORGET: one statement cannot change a row twice.
    _ERASE = """
        WITH gone AS (
            DELETE FROM jobs WHERE ix_id = $1 AND ($2::text IS NULL OR client_id = $2) RETURNING ix_id, request
        ), freed AS (
            SELECT DISTINCT decode(named #>> '{}', 'hex') AS sha256
            FROM gone, jsonb_path_query(request, '$.documents[*].sha256 ? (@ like_regex "^[0-9a-f]{64}$")') AS named
        ), told AS (
            SELECT pg_notify('ix_ended', ix_id), pg_notify('ix_cancelled', ix_id) FROM gone WHERE $4
        ), locked AS MATERIALIZED (
            SELECT sha256 FROM documents WHERE sha256 = ANY (ARRAY(SELECT sha256 FROM freed))
            ORDER BY sha256 FOR UPDATE
        ), lowered AS (
            UPDATE documents SET uses = uses - 1 WHERE sha256 = ANY (ARRAY(SELECT sha256 FROM locked))
            RETURNING documents.sha256
        )
        SELECT ix_id, (SELECT count(*) FROM lowered), (SELECT count(*) FROM told),
            CASE WHEN $3::jsonb IS NOT NULL THEN note_audit($3, ix_id) END
        FROM gone"""

    # 1. old: jobs that ended before the term, up to $2, but none whose callback is still owed or which another
    #    transaction holds. Materialized, and its ids an array, for the reasons that `ClaimJobs._CLAIM` gives. Parts go
    #    with their parent, once all of them are old.
    # 2. GONE: as in _ERASE. Nobody is told: their end was told long ago.
    _PRUNE = f"""
        WITH old AS MATERIALIZED (
            SELECT ix_id FROM jobs
            WHERE finished_at < now() - $1::interval AND status IN ('done', 'error', 'cancelled') AND attempts >= 0
              AND callback_status IS DISTINCT FROM 'pending' AND parent IS NULL
              AND (jobs.parts IS NULL OR NOT EXISTS (
                SELECT FROM parts JOIN jobs AS part ON part.ix_id = parts.ix_id WHERE parts.parent = jobs.ix_id
                  AND coalesce(part.finished_at >= clock_timestamp() - $1::interval, true)))
            LIMIT $2 FOR UPDATE SKIP LOCKED
        ){GONE}
        SELECT ix_id, (SELECT count(*) FROM lowered) FROM gone"""

    async def erase(self, ix_id: str, client_id: str | None = None, by: Caller | None = None) -> bool:
        """Removes a job, whatever its state, and the bytes of documents that no other job names, for good. False where
        there is none. `by`: whose doing it is, for the audit log, which keeps the id."""
        arguments = ix_id, client_id, entry_of("job.erase", by)
        try:
            return bool(await self._remove(self._ERASE, *arguments, True))
        except (QueueFull, asyncpg.ProgramLimitExceededError):
            # the notification queue is full: the erasure counts, the hint does not
            return bool(await self._remove(self._ERASE, *arguments, False))

    async def prune(self, days: float, limit: int = 500) -> int:
        """Erases up to `limit` jobs that ended more than `days` ago; how many they were."""
        return len(await self._remove(self._PRUNE, timedelta(days=days), limit))

    async def _remove(self, sql: str, *arguments: Any) -> list[asyncpg.Record]:
        async with acquire(self._pool, self._acquire_timeout) as connection:
            try:
                async with connection.transaction():
                    rows: list[asyncpg.Record] = await connection.fetch(sql, *arguments)
                    if rows:
                        await connection.execute(FORGET)
                    return rows
            except asyncpg.ProgramLimitExceededError:
                await raise_if_full(connection)
                raise
