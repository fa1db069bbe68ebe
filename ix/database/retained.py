"""Documents that are erased before their jobs: which of those that ended are due, each looked at once.

rule (a use case, or all others) ──▶ ends after the last that was looked at, up to the term ──▶ documents erased
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from ix.database.repository import Repository

BATCH = 500
"""Ended jobs that one statement looks at."""


class Retained(Repository):
    """How far each rule has come; `erase_documents` does what it asks for."""

    # 1. stretch: the next jobs by their end. One that ends again, after a retry, ends later.
    # 2. due: those that the rule is about.
    # 3. moved: the next look begins behind them; where there were fewer than were asked for, at the term.
    _STEP = """
        WITH stretch AS MATERIALIZED (
            SELECT ix_id, use_case, finished_at FROM jobs
            WHERE finished_at >= coalesce((SELECT until FROM retained WHERE rule = $1), '-infinity')
              AND finished_at < clock_timestamp() - $2::interval AND attempts >= 0
            ORDER BY finished_at LIMIT $5
        ), erased AS MATERIALIZED (
            SELECT erase_documents(ARRAY(
                SELECT ix_id::text FROM stretch WHERE (use_case = ANY ($3::text[])) = $4)) AS number
        ), moved AS (
            INSERT INTO retained AS known (rule, until)
            SELECT $1, CASE WHEN count(*) = $5 THEN max(finished_at) + interval '1 microsecond'
                ELSE clock_timestamp() - $2::interval END FROM stretch
            ON CONFLICT (rule) DO UPDATE SET until = greatest(known.until, excluded.until)
        )
        SELECT (SELECT count(*) FROM stretch) AS seen, number FROM erased"""

    async def erase_documents(self, use_cases: Sequence[str], days: float, others: bool = False) -> int:
        """Erases the documents of jobs that ended more than `days` ago, of these use cases or of all `others`; how
        many jobs they were."""
        rule, erased, seen = f"{'not ' * others}{','.join(sorted(use_cases))}", 0, BATCH
        while seen == BATCH:
            arguments = rule, timedelta(days=days), list(use_cases), not others, BATCH
            [(seen, number)] = await self._fetch(self._STEP, *arguments)
            erased += number
        return erased
