"""How many jobs there are of each kind, each count stopping at `CAP`, so that none costs a look at all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from ix.database.jobs.filters import WALK, Branch, Listing, Values
from ix.database.jobs.lists import NEWEST, OLDEST, AsOf, ListJobs, Window
from ix.job import Status

CAP = 10_000
"""What a count stops at."""


class Counts(BaseModel):
    """How many jobs there are, each number at most `cap`."""

    model_config = ConfigDict(frozen=True)

    status: Mapping[str, int] = Field(description="By state")
    errors: Mapping[str, int] = Field(description="Of those in error by its code")
    review: Mapping[str, int] = Field(description="By review")
    cap: int = Field(default=CAP, description="What a count stops at")
    at_least: bool = Field(
        default=False, description="Whether there may be more than were counted: only the newest were looked at"
    )
    as_of: AsOf = None


class _Piece(NamedTuple):
    """A count: what is counted, how many were found, and among how many."""

    kind: str
    name: str
    found: int
    looked: int


class CountJobs(ListJobs):
    """How many jobs there are, by the filters of a list."""

    async def counts_of(self, asked: Listing, use_cases: Collection[str] | None = None) -> Counts:
        """How many jobs there are of each kind, whatever `status`, `before` and `limit` say. Ids alone tell when a job
        was created: a clock that is set back makes the difference of as much."""
        floor, ceiling = await self._borders(asked, timedelta())
        asked = asked.model_copy(update=dict.fromkeys(("before", "created_after", "created_before")) | {"status": ()})
        window = Window(asked, use_cases, await self._codes(asked), floor, ceiling, WALK)
        if not window.is_of_all:
            return await self._counts_of_found(window)
        # by indexes alone where there is no limit of time
        subtracted = (floor, ceiling) == (OLDEST, NEWEST)
        rows = await self._pieces(window, _pieces(window, subtracted))
        counts = _summed(rows)
        if subtracted and counts is None:
            # so many failed that how many are done does not follow from how many have ended: the newest tell
            anew = replace(window, values=Values())
            rows = [row for row in rows if row.kind != "ended"]
            counts = _summed(rows + await self._pieces(anew, _of_state(anew, Status.DONE)))
        assert counts is not None  # only a difference may be unknown
        return counts

    async def _pieces(self, window: Window, pieces: Iterable[str]) -> list[_Piece]:
        asked = window.values.bound(" UNION ALL ".join(pieces))
        return [_Piece(*row) for row in await self._fetch_in_order(*asked)]

    async def _counts_of_found(self, window: Window) -> Counts:
        """The counts of the newest that are found."""
        most = f"LIMIT {window.values.add(CAP, 'int')}"
        end, ids = await self._newest(window, most)
        rows = await self._fetch_in_order(
            *window.values.bound(
                "SELECT CASE status WHEN 'split' THEN 'running' ELSE status END AS status, error_code, review, "
                f"count(*) AS number FROM jobs WHERE ix_id = ANY (ARRAY(SELECT ix_id FROM ({ids}) AS found "
                f"ORDER BY ix_id DESC {most})) GROUP BY 1, 2, 3"
            )
        )
        numbers: dict[str, Counter[str]] = {kind: Counter() for kind in ("status", "error_code", "review")}
        for row in rows:
            for kind, counter in numbers.items():
                if row[kind] is not None:
                    counter[row[kind]] += row["number"]
        return Counts(
            status={one.value: numbers["status"][one.value] for one in Status},
            errors=dict(numbers["error_code"]),
            review=dict(numbers["review"]),
            at_least=end > window.floor or sum(row["number"] for row in rows) >= CAP,
        )


def _summed(rows: Sequence[_Piece]) -> Counts | None:
    """The counts; None where they do not tell how many are done."""
    numbers: dict[str, Counter[str]] = {kind: Counter() for kind in ("status", "errors", "review", "ended")}
    for row in rows:
        numbers[row.kind][row.name] += row.found
    status = numbers["status"]
    status["error"] += sum(numbers["errors"].values())
    if numbers["ended"]:
        if max(status["error"], status["cancelled"]) >= CAP:
            return None
        status["done"] = numbers["ended"]["all"] - status["error"] - status["cancelled"]
    return Counts(
        status={one.value: min(status[one.value], CAP) for one in Status},
        errors=_capped(numbers["errors"]),
        review=_capped(numbers["review"]),
        # a count that was cut off below the cap may be too small
        at_least=any(row.looked >= CAP > row.found for row in rows),
    )


def _capped(numbers: Counter[str]) -> dict[str, int]:
    return {name: min(number, CAP) for name, number in sorted(numbers.items()) if number}


def _pieces(window: Window, subtracted: bool) -> Iterator[str]:
    """The counts of one statement; `subtracted`: those that are done are what ended and did not fail."""
    given, asked = window.filter(), window.asked
    for status in Status:
        if status is Status.DONE and subtracted:
            own = f"client_id = {window.values.add(asked.client_id)} AND " if asked.client_id else ""
            yield _piece(window, "ended", "all", Branch(f"{own}finished_at IS NOT NULL", ordered=False), 3 * CAP)
        else:
            yield from _of_state(window, status)
    yield _piece(window, "review", "key", given.reviews())


def _of_state(window: Window, status: Status) -> Iterator[str]:
    for branch in window.filter().alternatives([status])[0]:
        kind = "errors" if "error_code" in branch.lead else "status"
        yield _piece(window, kind, status.value, branch, 3 * CAP if status is Status.DONE else CAP)


def _piece(window: Window, kind: str, name: str, branch: Branch, most: int = CAP) -> str:
    """A count of a branch; of one with keys a row for each, by which errors and reviews are called."""
    # in order, so that no other index will do, which could find very many that the window leaves out
    order = f"ORDER BY {branch.order}" if branch.ordered else ""
    walked = f"SELECT * FROM jobs WHERE {window.between(branch)} {order} LIMIT {most}"
    found = f"count(*) FILTER (WHERE {branch.rest or 'true'}) AS found"
    counted = f"SELECT {found}, count(*) AS looked FROM ({walked}) AS jobs"
    called = f"'{name}'" if kind == "status" else "key"
    if branch.keys is None:
        return f"SELECT '{kind}' AS kind, '{name}' AS name, counted.* FROM ({counted}) AS counted"
    keys = window.values.add(list(branch.keys), "text[]")
    each = f"unnest({keys}) AS key CROSS JOIN LATERAL ({counted}) AS counted"
    return f"SELECT '{kind}' AS kind, {called} AS name, counted.* FROM {each}"
