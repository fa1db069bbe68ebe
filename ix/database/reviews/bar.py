"""What reviews say of the bar: of the values of approved answers, how many would have passed at which, and how many of
those a person put right."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, Field

from ix.database.jobs import AsOf
from ix.database.repository import Repository

BARS = tuple(at / 100 for at in range(50, 100, 5))
"""The bars that are compared."""
LATEST = 1_000
"""Approved answers, the latest ones, whose values count."""
MOST_FIELDS = 200
"""Fields of which it is told, those with the most values."""


class BarPoint(BaseModel):
    """At one bar: how many of the values pass, and how many of those were wrong."""

    bar: float
    passed: int
    wrong: int
    of: int


class BarField(BaseModel):
    """The curve of one field, whichever row it stands in."""

    path: str
    points: Sequence[BarPoint]


class Bar(BaseModel):
    """The curves of the fields of a use case, and of how many approved answers they are."""

    fields: Sequence[BarField] = Field(description="Those with the most values first")
    of: int
    as_of: AsOf = None


class ReadBar(Repository):
    """Reads the curves of values against the bar."""

    # 1. latest: the newest approved answers, by their index.
    # 2. Each field with its values, counted by how many of the bars they pass.
    _BAR = f"""
        WITH latest AS MATERIALIZED (
            SELECT readings FROM reviews
            WHERE state = 'approved' AND use_case = $1 AND ($2::text IS NULL OR client_id = $2)
            ORDER BY decided_at DESC LIMIT {LATEST}
        )
        SELECT reading ->> 0 AS path, width_bucket((reading ->> 1)::float8, $3::float8[]) AS passes, count(*) AS all,
            count(*) FILTER (WHERE (reading ->> 2)::boolean) AS wrong, (SELECT count(*) FROM latest) AS answers
        FROM latest CROSS JOIN jsonb_array_elements(readings) AS reading
        GROUP BY 1, 2"""

    async def bar(self, use_case: str, client_id: str | None = None) -> Bar:
        """The curves of a use case; with a `client_id`, of that client's jobs alone."""
        rows = await self._fetch(self._BAR, use_case, client_id, list(BARS))
        # few rows, however many values: one for each field and number of bars
        counted: dict[str, list[tuple[int, int, int]]] = {}
        for row in rows:
            counted.setdefault(row["path"], []).append((row["passes"], row["all"], row["wrong"]))
        fields = [BarField(path=path, points=_curve(counts)) for path, counts in counted.items()]
        fields.sort(key=lambda field: (-field.points[0].of, field.path))
        return Bar(fields=fields[:MOST_FIELDS], of=rows[0]["answers"] if rows else 0)


def _curve(counts: Sequence[tuple[int, int, int]]) -> list[BarPoint]:
    of = sum(count for _, count, _ in counts)
    return [
        BarPoint(
            bar=bar,
            passed=sum(count for passes, count, _ in counts if passes >= number),
            wrong=sum(wrong for passes, _, wrong in counts if passes >= number),
            of=of,
        )
        for number, bar in enumerate(BARS, 1)
    ]
