"""A run ends: with an answer, given back, or to be tried again. Each write names the claim's token."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum
from typing import NamedTuple, TypeAlias
from uuid import UUID

from pydantic_core import to_json

from ix.database.caps import COUNT_PAGES
from ix.database.jobs.alike import AlikeJobs
from ix.job import Claim, Problem, Response


class Finish(StrEnum):
    """What a finish did: stored; found its own result stored already; or was refused, because the claim is not the
    job's any more."""

    STORED = "stored"
    REPEATED = "repeated"
    STALE = "stale"


MOST_PAGES = 2**31
"""More than the column holds."""


class Summary(NamedTuple):
    """What lists say of an answer: the pages that were read, the result in one line, whether people have to look at it
    and at how many points of it. `content` and `paper` tell it from others, see `ix.database.jobs.alike`."""

    pages: int | None = None
    headline: str | None = None
    review: str | None = None
    points: int | None = None
    content: str | None = None
    paper: str | None = None

    @classmethod
    def of(cls, response: Response) -> Summary:
        """What a response says by itself: of values without evidence nobody can say whether they want eyes."""
        if not response.usage and not response.evidence:
            return NOTHING
        pages = response.usage.get("pages")
        read = pages if type(pages) is int and 0 <= pages < MOST_PAGES else None
        if response.error is not None or not isinstance(response.evidence, dict) or not response.evidence:
            return cls(read)
        return cls(read, None, "needed" if response.points else "straight", len(response.points) or None)


NOTHING = Summary()
EndedRun: TypeAlias = "tuple[Claim, Response | bytes] | tuple[Claim, Response | bytes, Summary]"
"""What a run came to: its response or the JSON of it, and a summary where there is something to say."""


class FinishJobs(AlikeJobs):
    """Ends of runs, and whether a claim still holds."""

    # 1. finished: each running job that still has the token of its claim is stored. `|| ''` hides the column from the
    #    planner: it would otherwise take the index of running jobs, jobs_by_engine, and nested-loop over all of them
    #    for each job given; like this each is found by its primary key. That it is a duplicate comes behind its other
    #    findings.
    # 2. told: waiters hear of all ends in one notification, unless the notification queue is full ($5 is false).
    # 3. Only those given that were not stored have a row, by their number from 1 on: one is repeated where the job has
    #    ended under the same token, and else stale. A row without a number is there for `told` to be done.
    # 4. counted: the pages that were read today, by client.
    _FINISH = f"""
        WITH given AS MATERIALIZED (
            SELECT * FROM ROWS FROM (unnest($1::text[], $2::uuid[], $3::jsonb[]), jsonb_array_elements($4))
                WITH ORDINALITY AS given (ix_id, token, response, summary, n)
        ), finished AS (
            UPDATE jobs SET
                status = CASE WHEN given.response -> 'error' = 'null' THEN 'done' ELSE 'error' END,
                error_code = given.response #>> '{{error,code}}', page_count = (given.summary ->> 0)::int,
                headline = given.summary ->> 1, review = given.summary ->> 2, points = (given.summary ->> 3)::int,
                content = (given.summary ->> 4)::uuid, paper = (given.summary ->> 5)::uuid,
                response = CASE WHEN given.summary ->> 6 IS NULL THEN given.response
                    ELSE jsonb_insert(given.response, '{{warnings,-1}}', given.summary -> 6, true) END,
                finished_at = clock_timestamp(), attempts = attempts + 1, engine_id = NULL,
                callback_status = CASE WHEN callback_url IS NOT NULL THEN 'pending' END
            FROM given
            WHERE jobs.ix_id = given.ix_id AND jobs.claim_token = given.token AND jobs.status || '' = 'running'
            RETURNING jobs.ix_id, jobs.claim_token AS token, client_id, page_count
        ){COUNT_PAGES}, told AS (
            SELECT pg_notify('ix_ended', string_agg(ix_id, ' ')) FROM finished HAVING $5 AND count(*) > 0
        )
        SELECT n, coalesce(
            (SELECT 'repeated' FROM jobs
             WHERE jobs.ix_id = given.ix_id AND jobs.claim_token = given.token AND status IN ('done', 'error')),
            'stale') AS finish
        FROM given LEFT JOIN finished USING (ix_id, token) WHERE finished.ix_id IS NULL
        UNION ALL SELECT NULL, NULL FROM told"""

    async def finish_many(self, ended: Sequence[EndedRun]) -> list[Finish]:
        """Stores many responses with one commit; the outcomes are in the order given."""
        return await self._finish(ended, None)

    async def finish_patiently(self, ended: Sequence[EndedRun], seconds: float) -> list[Finish]:
        """`finish_many` with another time limit than usual, also where the server has one of its own."""
        return await self._finish(ended, seconds)

    async def _finish(self, ended: Sequence[EndedRun], seconds: float | None) -> list[Finish]:
        claims = [one[0] for one in ended]
        said = [_summary(one) for one in ended]
        findings = await self.alike([(claim, one.content, one.paper) for claim, one in zip(claims, said, strict=True)])
        # one JSON of all: an array of each member took as long again as all that is beside them
        rows = await self._fetch_telling(
            self._FINISH,
            [claim.ix_id for claim in claims],
            [claim.token for claim in claims],
            [one[1] if isinstance(one[1], bytes) else to_json(one[1]) for one in ended],
            to_json([None if one is NOTHING else (*one, finding) for one, finding in zip(said, findings, strict=True)]),
            seconds=seconds,
        )
        finishes = [Finish.STORED] * len(ended)
        for n, finish in rows:
            if n:
                finishes[n - 1] = Finish(finish)
        return finishes

    async def mark_done(self, claim: Claim, response: Response) -> Finish:
        """Ends a job: `done` exactly when `response.error` is None, else `error`."""
        return (await self.finish_many([(claim, response)]))[0]

    async def mark_error(self, claim: Claim, code: str, message: str) -> Finish:
        """Ends a job in error."""
        return await self.mark_done(claim, Response(error=Problem(code=code, message=message)))

    # 1. released: each running job that still has the token of its claim goes back to wait, in its old position.
    # 2. told: engines hear that there is work, where there is some.
    _RELEASE = """
        WITH given AS MATERIALIZED (
            SELECT * FROM unnest($1::text[], $2::uuid[]) AS given (ix_id, token)
        ), released AS (
            UPDATE jobs SET status = 'pending', engine_id = NULL, claim_token = NULL, started_at = NULL
            FROM given WHERE jobs.ix_id = given.ix_id AND jobs.claim_token = given.token AND jobs.status = 'running'
            RETURNING jobs.ix_id
        ), told AS (
            SELECT pg_notify('ix_jobs', '') WHERE EXISTS (SELECT FROM released)
        )
        SELECT ix_id, (SELECT count(*) FROM told) FROM released"""

    async def release(self, claims: Sequence[Claim]) -> list[str]:
        """Gives running jobs back to pending with no attempt spent; returns the ids of those that still were this
        claim's."""
        rows = await self._fetch(self._RELEASE, [c.ix_id for c in claims], [c.token for c in claims])
        return [row["ix_id"] for row in rows]

    # as _RELEASE, for all that an engine has but what is given
    _RELEASE_UNHELD = """
        WITH released AS (
            UPDATE jobs SET status = 'pending', engine_id = NULL, claim_token = NULL, started_at = NULL
            WHERE engine_id = $1 AND status = 'running'
              AND (ix_id, claim_token) NOT IN (SELECT * FROM unnest($2::text[], $3::uuid[]))
            RETURNING ix_id
        ), told AS (
            SELECT pg_notify('ix_jobs', '') WHERE EXISTS (SELECT FROM released)
        )
        SELECT ix_id, (SELECT count(*) FROM told) FROM released"""

    async def release_unheld(self, engine_id: UUID, held: Sequence[Claim]) -> list[str]:
        """Gives back what an engine claimed without learning of it, because the answer was lost; for when no claim of
        it is on its way."""
        rows = await self._fetch(self._RELEASE_UNHELD, engine_id, [c.ix_id for c in held], [c.token for c in held])
        return [row["ix_id"] for row in rows]

    _LOST = """
        SELECT ix_id FROM unnest($1::text[], $2::uuid[]) AS given (ix_id, token)
        WHERE NOT EXISTS (
            SELECT FROM jobs
            WHERE jobs.ix_id = given.ix_id AND jobs.claim_token = given.token AND jobs.status = 'running')"""

    async def lost(self, claims: Sequence[Claim]) -> list[str]:
        """The ids of those claims that hold no more: cancelled, erased, or rescued from an engine that seemed dead."""
        rows = await self._fetch(self._LOST, [c.ix_id for c in claims], [c.token for c in claims])
        return [row["ix_id"] for row in rows]

    _POSTPONE = """
        WITH postponed AS (
            UPDATE jobs SET status = 'scheduled', attempts = attempts + $5::int, last_error = $3,
                lost_attempts = CASE $5 WHEN 0 THEN lost_attempts ELSE with_lost_attempt(jobs, 'postponed', $3) END,
                run_at = clock_timestamp() + $4::interval, engine_id = NULL, claim_token = NULL, started_at = NULL
            WHERE ix_id = $1 AND claim_token = $2 AND status = 'running' RETURNING ix_id
        )
        SELECT ix_id, pg_notify('ix_scheduled', '') FROM postponed"""

    async def postpone(self, claim: Claim, last_error: str, seconds: float, spent: bool = True) -> bool:
        """Ends an attempt and lets the next one begin after `seconds`; it does not count where it is not `spent`. False
        where the claim is stale."""
        told = claim.ix_id, claim.token, last_error, timedelta(seconds=seconds), int(spent)
        return bool(await self._fetch(self._POSTPONE, *told))


def _summary(ended: EndedRun) -> Summary:
    if len(ended) > 2:
        return ended[2]
    return NOTHING if isinstance(ended[1], bytes) else Summary.of(ended[1])
