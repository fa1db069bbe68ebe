"""Clients submit jobs, each under a key of its own: the first job of a key stays, whatever comes after."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, NamedTuple

import asyncpg
from pydantic_core import to_json

from ix.database.caps import COUNT_JOBS
from ix.database.jobs.passwords import ReadPasswords, columns
from ix.database.jobs.read import ReadJobs
from ix.database.repository import QueueFull
from ix.job import Job, JobHead, LargeJob, Status, Submission, assembled


class Outcome(StrEnum):
    """What an insert found: a new key; its own content under the key already; or other content under it."""

    INSERTED = "inserted"
    SAME = "same"
    CLASH = "clash"


class Inserted(NamedTuple):
    """The job that now carries the key, and whether it was this submission that made it."""

    outcome: Outcome
    job: Job


class InsertJobs(ReadJobs, ReadPasswords):
    """Inserts of one and of many."""

    # 1. given: the submissions, each with the queue of its use case. `behind` counts those before it of the same
    #    client, precedence and queue.
    # 2. positions: where in the queue the next job of each of these clients stands.
    # 3. inserted: the jobs, in the order given, each `behind` positions further. A key that is taken is passed over,
    #    even one that another transaction has just committed (READ COMMITTED); the next statement reads its job.
    # 4. used: the documents that the new jobs name, and how many of the jobs name each.
    # 5. stored: their bytes, or the keys of their objects, where they are new, else as many more uses. In one order, so
    #    that two batches with documents in common cannot deadlock.
    # 6. told: engines hear of pending and of scheduled jobs, once each, unless the notification queue is full ($14 is
    #    false).
    _INSERTING = """
        WITH given AS MATERIALIZED (
            SELECT *, row_number() OVER (PARTITION BY client_id, precedence, queue ORDER BY n) - 1 AS behind
            FROM (
                SELECT given.*, coalesce(queues.queue, '') AS queue
                FROM unnest($1::text[], $2::text[], $3::text[], $4::bytea[], $5::smallint[], $6::text[], $7::jsonb[],
                    $8::smallint[], $9::timestamptz[], $10::text[], $11::smallint[], $12::text[],
                    $13::smallint[]{labels})
                    WITH ORDINALITY AS given (client_id, request_id, use_case, fingerprint, max_attempts, callback_url,
                        request, priority, run_at, trace, precedence, document_name, document_count{labelled}, n)
                    LEFT JOIN queues USING (use_case)
            ) AS queued
        ), positions AS MATERIALIZED (
            SELECT client_id, precedence, queue, next_ticket(client_id, precedence, queue) AS first
            FROM (SELECT DISTINCT client_id, precedence, queue FROM given) AS clients
        ), inserted AS (
            INSERT INTO jobs (client_id, request_id, use_case, fingerprint, max_attempts, callback_url, request,
                priority, run_at, queue, trace, document_name, document_count, status, precedence, position, ranked,
                arrival{labelled})
            SELECT client_id, request_id, use_case, fingerprint, max_attempts, callback_url, request,
                priority, run_at, queue, trace, document_name, document_count,
                CASE WHEN run_at > clock_timestamp() THEN 'scheduled' ELSE 'pending' END, precedence, first + behind,
                priority <> precedence, CASE WHEN priority <> precedence THEN first + behind END{labelled}
            FROM given JOIN positions USING (client_id, precedence, queue) ORDER BY n
            ON CONFLICT (client_id, request_id) DO NOTHING
            RETURNING ix_id, client_id, request_id, status, created_at, request
        ), used AS (
            SELECT decode(sha256, 'hex') AS sha256, count(DISTINCT ix_id)::int AS uses FROM inserted,
                jsonb_array_elements(request -> 'documents') AS document, jsonb_to_record(document) AS (sha256 text)
            WHERE sha256 IS NOT NULL GROUP BY 1
        ), stored AS (
            INSERT INTO documents (sha256, {columns}, uses)
            SELECT sha256, {columns}, uses
            FROM unnest($15::bytea[], {arrays}) AS given (sha256, {columns}) JOIN used USING (sha256)
            ORDER BY sha256
            ON CONFLICT (sha256) DO UPDATE SET uses = documents.uses + excluded.uses
        ), told AS (
            SELECT pg_notify(channel, '') FROM (
                SELECT DISTINCT CASE status WHEN 'pending' THEN 'ix_jobs' ELSE 'ix_scheduled' END AS channel
                FROM inserted
            ) AS channels
            WHERE $14
        ){counted}
        SELECT ix_id, client_id, request_id, status, created_at, (SELECT count(*) FROM told) FROM inserted"""
    _INSERT = _INSERTING.format(columns="bytes", arrays="$16::bytea[]", labels="", labelled="", counted="")
    # Apart, since columns that are null for most would cost them a twentieth of their time: where any of the
    # submissions has objects, tags, a batch or a configuration, or is of a client with a cap on the jobs of a day,
    # which counts them.
    _INSERT_RICH = _INSERTING.format(
        columns="bytes, object, size",
        arrays="$16::bytea[], $17::text[], $18::bigint[]",
        labels=", $19::jsonb[], $20::text[], $21::jsonb[]",
        labelled=", tags, batch_id, configuration",
        counted=COUNT_JOBS.format(of="WHERE client_id = ANY ($22::text[])"),
    )

    # For one submission without bytes, which most are: takes half the time of _INSERT, since with scalars there is
    # nothing to sort, to join or to unnest.
    # 1. queued: the queue of its use case.
    # 2. inserted: the job behind its client's last one; nothing where its key is taken.
    # 3. Engines hear of it, unless the notification queue is full ($14 is false).
    _INSERTING_ONE = """
        WITH queued AS MATERIALIZED (
            SELECT coalesce((SELECT queue FROM queues WHERE use_case = $3), '') AS queue
        ), inserted AS (
            INSERT INTO jobs (client_id, request_id, use_case, fingerprint, max_attempts, callback_url, request,
                priority, run_at, queue, trace, document_name, document_count, status, precedence, position, ranked,
                arrival)
            SELECT $1::text, $2::text, $3, $4::bytea, $5::smallint, $6, $7,
                $8::smallint, $9::timestamptz, queue, $10::text, $12::text, $13::smallint,
                CASE WHEN $9 > clock_timestamp() THEN 'scheduled' ELSE 'pending' END, $11::smallint, ticket,
                $8 <> $11, CASE WHEN $8 <> $11 THEN ticket END
            FROM queued CROSS JOIN LATERAL (SELECT next_ticket($1, $11, queue) AS ticket) AS drawn
            ON CONFLICT (client_id, request_id) DO NOTHING
            RETURNING ix_id, client_id, request_id, status, created_at
        ){counted}
        SELECT ix_id, client_id, request_id, status, created_at,
            CASE WHEN $14 THEN pg_notify(CASE status WHEN 'pending' THEN 'ix_jobs' ELSE 'ix_scheduled' END, '') END
        FROM inserted"""
    _INSERT_ONE = _INSERTING_ONE.format(counted="")
    _INSERT_ONE_COUNTED = _INSERTING_ONE.format(counted=COUNT_JOBS.format(of=""))

    # For one submission with passwords: _INSERT_ONE, whose job says that it has some, and with it
    # 1. stored: the bytes of its documents, or one more use of them; nothing where the key is taken.
    # 2. kept: the passwords, by document.
    # 3. counted: the job, where $23 says so.
    _INSERTING_PROTECTED = """
        WITH queued AS MATERIALIZED (
            SELECT coalesce((SELECT queue FROM queues WHERE use_case = $3), '') AS queue
        ), inserted AS (
            INSERT INTO jobs (client_id, request_id, use_case, fingerprint, max_attempts, callback_url, request,
                priority, run_at, queue, trace, document_name, document_count, status, precedence, position, ranked,
                arrival, has_passwords, tags, batch_id, configuration)
            SELECT $1::text, $2::text, $3, $4::bytea, $5::smallint, $6, $7,
                $8::smallint, $9::timestamptz, queue, $10::text, $12::text, $13::smallint,
                CASE WHEN $9 > clock_timestamp() THEN 'scheduled' ELSE 'pending' END, $11::smallint, ticket,
                $8 <> $11, CASE WHEN $8 <> $11 THEN ticket END, true, $20::jsonb, $21::text, $22::jsonb
            FROM queued CROSS JOIN LATERAL (SELECT next_ticket($1, $11, queue) AS ticket) AS drawn
            ON CONFLICT (client_id, request_id) DO NOTHING
            RETURNING ix_id, client_id, request_id, status, created_at
        ), stored AS (
            INSERT INTO documents (sha256, bytes, object, size, uses)
            SELECT sha256, bytes, object, size, 1
            FROM unnest($14::bytea[], $15::bytea[], $16::text[], $17::bigint[]) AS given (sha256, bytes, object, size),
                inserted
            ORDER BY sha256
            ON CONFLICT (sha256) DO UPDATE SET uses = documents.uses + excluded.uses
        ), kept AS (
            INSERT INTO job_passwords (ix_id, document, password)
            SELECT ix_id, document, password
            FROM inserted, unnest($18::int[], $19::text[]) AS given (document, password)
        ){counted}
        SELECT ix_id, client_id, request_id, status, created_at,
            CASE WHEN $24 THEN pg_notify(CASE status WHEN 'pending' THEN 'ix_jobs' ELSE 'ix_scheduled' END, '') END
        FROM inserted"""
    _INSERT_PROTECTED = _INSERTING_PROTECTED.format(counted=COUNT_JOBS.format(of="WHERE $23"))

    async def insert_pending(self, submission: Submission) -> Inserted:
        """Inserts a job and notifies the engines, or finds the job that has its key."""
        return (await self.insert_many([submission]))[0]

    async def insert_many(self, submissions: Sequence[Submission]) -> list[Inserted]:
        """Inserts many jobs and their documents with one commit and one notification, those with passwords after them;
        the outcomes are in the order given."""
        rows = await self._insert_open([one for one in submissions if not one.passwords])
        # rare enough to have a commit each
        for one in submissions:
            if one.passwords:
                rows += await self._insert_protected(one)
        made = {(row["client_id"], row["request_id"]): row for row in rows}
        return [
            Inserted(Outcome.INSERTED, _fresh(one, row))
            if (row := made.pop(_key(one), None))
            else await self._found(one)
            for one in submissions
        ]

    # What an insert names, and no row: fails as one would where the server takes no writes, where this account may not
    # insert, or where the table is another.
    _INSERT_NONE = """
        INSERT INTO jobs (client_id, request_id, use_case, fingerprint, max_attempts, callback_url, request, priority,
            run_at, queue, trace, status, position, document_name, document_count)
        SELECT client_id, request_id, use_case, fingerprint, max_attempts, callback_url, request, priority,
            run_at, queue, trace, status, position, document_name, document_count
        FROM jobs WHERE false"""

    async def ensure_insertable(self) -> None:
        """Raises what keeps jobs from being inserted now, as far as that can be told without inserting one."""
        await self._fetch(self._INSERT_NONE)

    async def _insert_open(self, submissions: Sequence[Submission]) -> list[asyncpg.Record]:
        if not submissions:
            return []
        try:
            return await self._insert(submissions, notify=True)
        except (QueueFull, asyncpg.ProgramLimitExceededError):
            # the notification queue is full: the job counts, the hint does not
            return await self._insert(submissions, notify=False)

    async def _insert(self, submissions: Sequence[Submission], notify: bool) -> list[asyncpg.Record]:
        if len(submissions) == 1 and submissions[0].is_plain:
            sql = self._INSERT_ONE_COUNTED if submissions[0].counted else self._INSERT_ONE
            return await self._fetch(sql, *_row(submissions[0]), notify)
        # one order for everyone, so that two batches with keys in common cannot deadlock
        submissions = sorted(submissions, key=_key)
        columns = map(list, zip(*map(_row, submissions), strict=True))
        digests, contents, keys, sizes = _documents(submissions)
        counted = sorted({one.client_id for one in submissions if one.counted})
        if not counted and not any(one.objects or one.is_labelled for one in submissions):
            return await self._fetch(self._INSERT, *columns, notify, digests, contents)
        labels = map(list, zip(*map(_labels, submissions), strict=True))
        documents = digests, contents, keys, sizes
        return await self._fetch(self._INSERT_RICH, *columns, notify, *documents, *labels, counted)

    async def _insert_protected(self, one: Submission) -> list[asyncpg.Record]:
        row = _row(one, await self.password_key())
        others = *_documents([one]), *columns(one.passwords), *_labels(one), one.counted
        return await self._fetch_telling(self._INSERT_PROTECTED, *row, *others)

    async def known(self, submission: Submission) -> Inserted | None:
        """The job that has the submission's key, if there is one; nothing is inserted."""
        found = await self._fetch(self._SELECT_BY_KEY, submission.client_id, submission.request_id)
        if not found:
            return None
        digest_key = await self.password_key() if submission.passwords else b""
        same = found[0]["fingerprint"] == submission.fingerprint(digest_key)
        return Inserted(Outcome.SAME if same else Outcome.CLASH, await self._envelope(found[0]))

    async def _found(self, submission: Submission) -> Inserted:
        """The job that had its key already; inserted after all where it was erased meanwhile."""
        return await self.known(submission) or await self.insert_pending(submission)


# what nothing is said of before a job has ended, or become the part of another
_UNKNOWN = {name: field.default for name, field in JobHead.model_fields.items() if not field.is_required()}


def _key(submission: Submission) -> tuple[str, str]:
    return submission.client_id, submission.request_id


def _row(one: Submission, digest_key: bytes = b"") -> tuple[Any, ...]:
    """What both statements take of a submission, in their order."""
    return (
        one.client_id,
        one.request_id,
        one.use_case,
        one.fingerprint(digest_key),
        one.max_attempts,
        one.callback_url,
        one.request_json(),
        one.priority,
        one.run_at,
        one.trace,
        one.precedence,
        *one.document(),
    )


def _labels(one: Submission) -> tuple[dict[str, str] | None, str | None, bytes | None]:
    """What is stored of them where there are none, too."""
    configuration = to_json(one.configuration) if one.configuration else None
    return (dict(one.tags) if one.tags else None), one.batch_id, configuration


def _documents(submissions: Sequence[Submission]) -> tuple[list[Any], ...]:
    """What both take of documents: digests, bytes, keys of objects and their sizes."""
    rows: dict[str, tuple[bytes | None, str | None, int | None]] = {}
    for one in submissions:
        rows |= {sha: (data, None, None) for sha, data in one.blobs.items()}
    for one in submissions:
        # of several uploads of the same content one is taken
        rows |= {sha: (None, *stored) for sha, stored in one.objects.items() if stored.key or sha not in rows}
    columns = zip(*rows.values(), strict=True) if rows else ((), (), ())
    return [bytes.fromhex(sha) for sha in rows], *map(list, columns)


def _fresh(submission: Submission, row: asyncpg.Record) -> Job:
    document, documents = submission.document()
    # in the order of its members, which is the order in which they are written
    known = {
        "ix_id": row["ix_id"],
        "client_id": submission.client_id,
        "request_id": submission.request_id,
        "use_case": submission.use_case,
        "status": Status(row["status"]),
        "attempts": 0,
        "created_at": row["created_at"],
        "started_at": None,
        "finished_at": None,
        "callback_url": submission.callback_url,
        "callback_status": None,
        **_UNKNOWN,
        "priority": submission.priority,
        "run_at": submission.run_at,
        "document": document,
        "documents": documents,
        "tags": dict(submission.tags) if submission.tags else None,
        "batch_id": submission.batch_id,
        "configuration": submission.configuration,
    }
    if submission.written:
        return LargeJob(**known, request_json=submission.written.request)
    return assembled(Job, known | {"request": submission.request, "response": None})
