"""What is erased some days after a job's end, by rule (`ix.database.retention`): each job is looked at once.

ends after the last that was looked at, up to the term ──due──▶ documents, result or job erased
                                                        └─────▶ later: its callback is owed, or a part is younger
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import ClassVar

from ix.database.connect import Connection
from ix.database.jobs.manage import FORGET, GONE
from ix.database.pool import acquire
from ix.database.repository import Repository
from ix.database.retention import Kind, Rule

BATCH = 500
"""Ended jobs that one statement looks at."""
LATER = timedelta(minutes=10)
"""After which a job that had to wait is looked at again."""
YOUNG = timedelta(minutes=1)
"""How long an end may take to be committed: no rule comes closer to now, or it would pass over such jobs."""


# Both take jobs that a rule is about, `found`, with the rule's number of days in $2 and its kind in $5.
# 1. locked: those that are past their term, in the order in which others lock jobs.
# 2. apart: those that have to wait. A job is told of before its result or itself goes, and goes after its parts.
_LOCKED = """, locked AS MATERIALIZED (
            SELECT ix_id, callback_status, parts, finished_at FROM jobs
            WHERE ix_id = ANY (ARRAY(SELECT ix_id FROM found)) AND finished_at < clock_timestamp() - $2::interval
              AND ($5 <> 'jobs' OR parent IS NULL)
            ORDER BY ix_id FOR UPDATE
        ), apart AS MATERIALIZED (
            SELECT ix_id FROM locked
            WHERE ($5 <> 'documents' AND callback_status IS NOT DISTINCT FROM 'pending')
               OR ($5 = 'jobs' AND parts IS NOT NULL AND EXISTS (
                SELECT FROM parts JOIN jobs AS part ON part.ix_id = parts.ix_id WHERE parts.parent = locked.ix_id
                  AND coalesce(part.finished_at >= clock_timestamp() - $2::interval, true)))
        )"""
_DUE = "ARRAY(SELECT ix_id FROM locked WHERE ix_id NOT IN (SELECT ix_id FROM apart))"


class Retained(Repository):
    """How far each rule has come."""

    _BEGIN = "INSERT INTO retained (rule) SELECT $1 WHERE NOT EXISTS (SELECT FROM retained WHERE rule = $1)"
    # 1. rule: how far it has come, unless another engine is at it. From the first end on again where a use case that
    #    had a rule of its own has none any more.
    # 2. stretch: the next jobs by their end. One that ends again, after a retry, ends later.
    # 3. found: those that the rule is about.
    # 4. later: those that have to wait.
    # 5. moved: the next look begins at the last of them; where there were fewer than were asked for, at the term.
    _STEP = f"""
        WITH rule AS MATERIALIZED (
            SELECT CASE WHEN named <@ $3::text[] THEN until ELSE '-infinity' END AS until
            FROM retained WHERE rule = $1 FOR UPDATE SKIP LOCKED
        ), stretch AS MATERIALIZED (
            SELECT ix_id, use_case, finished_at FROM jobs
            WHERE finished_at >= (SELECT until FROM rule) AND finished_at < clock_timestamp() - $2::interval
              AND attempts >= 0
            ORDER BY finished_at LIMIT $6
        ), found AS (
            SELECT ix_id FROM stretch WHERE (use_case = ANY ($3::text[])) = $4
        ){_LOCKED}, later AS (
            INSERT INTO retained_later (ix_id, kind, due_at)
            SELECT ix_id, $5, clock_timestamp() + $7::interval FROM apart
            ON CONFLICT (ix_id, kind) DO NOTHING
        ), moved AS (
            UPDATE retained SET named = $3, until = last.until
            FROM (
                SELECT CASE WHEN count(*) < $6 THEN clock_timestamp() - $2::interval
                    ELSE greatest(max(finished_at), (SELECT until + interval '1 microsecond' FROM rule)) END AS until
                FROM stretch
            ) AS last
            WHERE rule = $1 AND EXISTS (SELECT FROM rule)
        )
        SELECT (SELECT count(*) FROM stretch) AS seen, {_DUE} AS due"""

    # 1. found: jobs of the rule that had to wait, and whose time has come again.
    # 2. again: those that still have to, also where the term is another now.
    # 3. gone: one that was tried again meanwhile is met at its new end.
    _STEP_LATER = f"""
        WITH found AS MATERIALIZED (
            SELECT later.ix_id FROM retained_later AS later JOIN jobs USING (ix_id)
            WHERE kind = $5 AND due_at <= clock_timestamp() AND (use_case = ANY ($3::text[])) = $4 AND $1 <> ''
            ORDER BY due_at LIMIT $6 FOR UPDATE OF later SKIP LOCKED
        ){_LOCKED}, ended AS (
            SELECT jobs.ix_id, finished_at FROM jobs JOIN found USING (ix_id) WHERE finished_at IS NOT NULL
        ), again AS (
            UPDATE retained_later SET
                due_at = greatest(clock_timestamp() + $7::interval, ended.finished_at + $2::interval)
            FROM ended WHERE retained_later.ix_id = ended.ix_id AND kind = $5
              AND (retained_later.ix_id IN (SELECT ix_id FROM apart)
                OR retained_later.ix_id NOT IN (SELECT ix_id FROM locked))
        ), gone AS (
            DELETE FROM retained_later WHERE kind = $5 AND ix_id IN (SELECT ix_id FROM found)
              AND (ix_id NOT IN (SELECT ix_id FROM ended) OR ix_id = ANY ({_DUE}))
        )
        SELECT (SELECT count(*) FROM found) AS seen, {_DUE} AS due"""

    _ERASE_DOCUMENTS = "SELECT erase_documents($1::text[]) AS erased"
    _ERASE_RESULTS = "SELECT erase_results($1::text[]) AS erased"
    # the bytes of unused documents go in the next statement, FORGET
    _ERASE_JOBS = f"""
        WITH old AS (SELECT unnest($1::text[]) AS ix_id){GONE}
        SELECT count(*) AS erased, (SELECT count(*) FROM lowered) FROM gone"""
    _ERASE: ClassVar[Mapping[Kind, str]] = {
        "documents": _ERASE_DOCUMENTS,
        "results": _ERASE_RESULTS,
        "jobs": _ERASE_JOBS,
    }

    async def erase(self, rule: Rule) -> int:
        """Erases what a rule asks for, in transactions of `BATCH` jobs; how many jobs it was of."""
        await self._fetch(self._BEGIN, rule.name)
        erased = 0
        for sql in (self._STEP, self._STEP_LATER):
            seen = BATCH
            while seen == BATCH:
                seen, number = await self._step(sql, rule)
                erased += number
        return erased

    async def _step(self, sql: str, rule: Rule) -> tuple[int, int]:
        """How many jobs were looked at, and of how many something was erased."""
        term = max(timedelta(days=rule.days), YOUNG)
        arguments = rule.name, term, list(rule.use_cases), not rule.others, rule.kind, BATCH, LATER
        async with acquire(self._pool, self._acquire_timeout) as connection, connection.transaction():
            [row] = await connection.fetch(sql, *arguments)
            erased = await self._erase(connection, rule.kind, row["due"]) if row["due"] else 0
        return row["seen"], erased

    async def _erase(self, connection: Connection, kind: Kind, ix_ids: list[str]) -> int:
        [row] = await connection.fetch(self._ERASE[kind], ix_ids)
        if kind == "jobs":
            await connection.execute(FORGET)
        return int(row["erased"])
