"""What became of every document that was submitted, by the database, by what the engines said, and by the bucket."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import asyncpg
import obstore
from obstore.store import S3Store

from bench.papers import SHARES, USE_CASES
from tests.chaos.fleet import patiently
from tests.machines.senders import CLIENT, Senders
from tests.machines.setting_up import Service

SWEEP_SECONDS = 150.0
"""Engines look for loose objects once a minute."""
LEAST_RIGHT = 0.5
"""Share of answers below which something else than rules is wrong."""
ENDED = "SELECT count(*) AS jobs, count(finished_at) AS ended FROM jobs"
JOBS = """
    SELECT request_id, ix_id, status, attempts, response -> 'result' AS result, response #>> '{error,message}' AS error
    FROM jobs WHERE client_id = $1"""
OBJECTS = "SELECT object FROM documents WHERE object IS NOT NULL"
DUE = "UPDATE loose_objects SET due_at = clock_timestamp()"
LOOSE = "SELECT count(*) AS loose FROM loose_objects"


class Count(NamedTuple):
    """How many there are of what, whether it may be so, and what it says in the table."""

    name: str
    found: str
    good: bool


def ask(service: Service, sql: str, *arguments: object) -> list[Mapping[str, Any]]:
    """The rows of a statement, by whichever server takes writes."""
    return asyncio.run(_asked(service.database_url("owner"), sql, *arguments))


async def _asked(url: str, sql: str, *arguments: object) -> list[Mapping[str, Any]]:
    connection = await asyncpg.connect(url, target_session_attrs="read-write", timeout=10, ssl="prefer")
    try:
        return [dict(row) for row in await connection.fetch(sql, *arguments)]
    finally:
        await connection.close()


def counts(service: Service, senders: Senders) -> list[Count]:
    """All that has to hold at the end; waits until engines have deleted what nobody names."""
    rows = {row["request_id"]: row for row in ask(service, JOBS, CLIENT)}
    lost = [name for name, ix_id in senders.acknowledged.items() if name not in rows or rows[name]["ix_id"] != ix_id]
    doubled = len(ask(service, JOBS, CLIENT)) - len(rows)
    states = Counter(f"{row['status']} {row['error'] or ''}".strip() for row in rows.values())
    finished = _finished(service)
    twice = [ix_id for ix_id, times in finished.items() if times > 1]
    return [
        Count("acknowledged", f"{len(senders.acknowledged):,}", True),
        Count("lost", f"{len(lost)}", not lost),
        Count(
            "jobs",
            f"{len(rows):,}, {doubled} of them for a document that has one",
            (len(rows), doubled) == (len(senders.sent), 0),
        ),
        Count("ended", ", ".join(f"{count:,} {state}" for state, count in states.items()), set(states) == {"done"}),
        Count("ends told by engines", f"{len(finished):,}, {len(twice)} of them twice", not twice),
        Count("attempts", str(dict(sorted(Counter(row["attempts"] for row in rows.values()).items()))), True),
        Count(
            "submitted once more",
            f"{senders.repeated:,}, {len(senders.strange)} of them gave another job",
            not senders.strange,
        ),
        Count("refused, and sent again", str(dict(senders.refused)), True),
        *_right(rows, senders),
        _objects(service),
    ]


def _right(rows: Mapping[str, Mapping[str, Any]], senders: Senders) -> Sequence[Count]:
    """How many answers have the value that stands on the document, by kind and use case: rules read few of them wrong,
    and an answer that is another document's would have another value."""
    found = []
    for kind, case in [(one, case) for one in SHARES for case in USE_CASES[one]]:
        papers = [one for one in senders.sent.values() if (one.kind, one.use_case) == (kind, case) and one.value]
        right = sum(one.is_right(json.loads(rows[one.request_id]["result"] or "null")) for one in papers)
        share = right / max(len(papers), 1)
        found.append(
            Count(f"right, {kind}, {case}", f"{right:,} of {len(papers):,} ({share:.1%})", share >= LEAST_RIGHT)
        )
    return found


def _finished(service: Service) -> Counter[str]:
    """How many times engines said of each job that they had finished it."""
    found = Counter[str]()
    for one in service.machines.values():
        said = one.run("journalctl -u ix-engine@1 -o cat --no-pager | grep job_finished || true")
        found.update(json.loads(line)["ix_id"] for line in said.splitlines())
    return found


def _objects(service: Service) -> Count:
    """The bucket holds what documents name, and nothing else, once what is loose was deleted."""
    for _ in patiently(SWEEP_SECONDS, pause=1):
        ask(service, DUE)
        if ask(service, LOOSE)[0]["loose"] == 0:
            break
    named = {row["object"] for row in ask(service, OBJECTS)}
    store = S3Store(
        "documents",
        endpoint=f"http://{service.machines['b'].address}:8333",
        access_key_id="ix",
        secret_access_key=service.secret("s3_secret"),
        region="us-east-1",
        client_options={"allow_http": True},
    )
    kept = {one["path"] for page in obstore.list(store) for one in page}
    return Count("objects", f"{len(kept):,} for {len(named):,} documents", kept == named and bool(named))
