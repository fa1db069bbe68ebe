"""Lists of jobs, page by page: each statement bounded, however many jobs have ended."""

from __future__ import annotations

import operator
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Annotated, NamedTuple, TypeAlias

from pydantic import Field

from ix.database.jobs.filters import FAILED, WALK, Branch, Filter, Listing, Values, all_of, first_word, is_id
from ix.database.jobs.read import HEAD_COLUMNS, ReadJobs
from ix.job import JobHead, Status

MOST_CODES = 200
"""Different codes of errors that are told apart."""
BUCKETS = 5_000
"""Times 4096 ids, as `words_of_name` has them: among how many jobs one statement searches."""
ROUNDS = 5
"""Statements for one page where few of the rows are the ones."""
FIRST_WALK = 1_000
"""Rows of a branch among which the first of them look: most pages are full with these."""
SLACK = timedelta(seconds=5)
"""How much a clock may be set back while ids go on."""
NEWEST, OLDEST = "g", ""
"""Beyond every id, which is hexadecimal."""
AsOf: TypeAlias = Annotated[
    datetime | None,
    Field(
        exclude_if=operator.not_,
        description="The moment to which it is complete, where a replica was asked; left out where it is of now",
    ),
]
"""A member of answers about many jobs."""


class Page(NamedTuple):
    """Some jobs, newest first, and before which the next ones are to be looked for; None at the end. Of a replica
    `as_of`, the moment to which it has everything."""

    jobs: Sequence[JobHead]
    before: str | None
    as_of: datetime | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """A filter between two ids, the second one excluded."""

    asked: Listing
    only: Collection[str] | None
    codes: Sequence[str]
    floor: str
    ceiling: str
    walk: int
    values: Values = field(default_factory=Values)

    @property
    def wanted(self) -> Collection[Status]:
        """The states that are asked for."""
        return self.asked.status or tuple(Status)

    @property
    def is_of_all(self) -> bool:
        """Whether it is about all jobs, or all of a client."""
        return self.only is None and not self.asked.model_dump(exclude={"client_id", "limit"}, exclude_defaults=True)

    def filter(self) -> Filter:
        """What is asked, as branches."""
        return Filter(self.asked, self.only, self.codes, self.values)

    def between(self, branch: Branch) -> str:
        """The condition of a branch within the window."""
        asked, add = self.asked, self.values.add
        return all_of(
            branch.between(add(self.floor), add(self.ceiling)),
            f"created_at >= {add(asked.created_after, 'timestamptz')}" if asked.created_after else "",
            f"created_at < {add(asked.created_before, 'timestamptz')}" if asked.created_before else "",
        )

    def ids(self, branch: Branch, tail: str) -> str:
        """The newest jobs of a branch."""
        where = all_of(self.between(branch), branch.rest)
        newest = f"SELECT {branch.found_in}.ix_id FROM {branch.source} WHERE {where} ORDER BY {branch.order} {tail}"
        if branch.keys is None:
            return f"({newest})"
        keys = self.values.add(list(branch.keys), "text[]")
        return f"(SELECT hit.ix_id FROM unnest({keys}) AS key CROSS JOIN LATERAL ({newest}) AS hit)"


class ListJobs(ReadJobs):
    """Lists of jobs, by filters and page by page."""

    async def page(self, asked: Listing, use_cases: Collection[str] | None = None) -> Sequence[JobHead]:
        """Up to `limit` jobs, newest first; of these use cases alone where any are given. However far back they are."""
        return (await self.part_of_list(asked, use_cases, None)).jobs

    async def part_of_list(
        self, asked: Listing, use_cases: Collection[str] | None = None, rounds: int | None = ROUNDS
    ) -> Page:
        """Up to `limit` jobs, newest first. Where they are rare these may be fewer, or none, and more come behind
        `before`: each of the `rounds` looks at a bounded number of jobs."""
        failures = Status.DONE not in (asked.status or (Status.DONE,)) and Status.ERROR in asked.status
        codes = await self._codes(asked) if failures else ()
        floor, ceiling = await self._borders(asked, SLACK)
        # what is searched is looked for by other bounds
        first = WALK if asked.q is not None else min(FIRST_WALK, WALK)
        whole = Window(asked, use_cases, codes, floor, min(asked.before or NEWEST, ceiling), first)
        found: list[JobHead] = []
        while True:
            page = await self._look(replace(whole, values=Values()), asked.limit - len(found))
            found += page.jobs
            if rounds is not None and whole.walk == WALK:
                rounds -= 1
            if page.before is None or len(found) == asked.limit or rounds == 0:
                return Page(found, page.before)
            whole = replace(whole, ceiling=page.before, walk=WALK)

    async def _borders(self, asked: Listing, slack: timedelta) -> tuple[str, str]:
        """Between which ids, the second one excluded, the jobs lie that were created in the time that is asked for."""
        after, before = asked.created_after, asked.created_before
        floor = await self._border(after - slack) if after else OLDEST
        return floor, await self._border(before + slack) if before else NEWEST

    async def _look(self, window: Window, limit: int) -> Page:
        most = f"LIMIT {window.values.add(limit, 'int')}"
        end, ids = await self._newest(window, most)
        rows = await self._fetch_in_order(
            *window.values.bound(
                f"SELECT {HEAD_COLUMNS} FROM jobs WHERE ix_id = ANY (ARRAY("
                f"SELECT ix_id FROM ({ids}) AS found ORDER BY ix_id DESC {most})) ORDER BY ix_id DESC"
            )
        )
        jobs = [JobHead.model_validate(dict(row)) for row in rows]
        if len(jobs) == limit:
            return Page(jobs, jobs[-1].ix_id)
        return Page(jobs, end if end > window.floor else None)

    async def _newest(self, window: Window, most: str) -> tuple[str, str]:
        """Where the window ends, and a statement for the ids in it."""
        return await (self._search if window.asked.q is not None else self._choose)(window, most)

    async def _choose(self, window: Window, most: str) -> tuple[str, str]:
        """Where the window ends, and a statement for the ids in it: of the ways to find them the one that reaches
        furthest back."""
        ways = []
        for branches in window.filter().alternatives(window.wanted):
            end = max([window.floor, *[await self._end(one, window) for one in branches if one.rest]])
            ways.append((end, branches))
        end, branches = min(ways, key=lambda way: way[0])
        there = replace(window, floor=end)
        return end, _union(there.ids(branch, most) for branch in branches)

    async def _end(self, branch: Branch, window: Window) -> str:
        """The id at which a window ends that holds no more than `walk` of the branch's jobs."""
        if not branch.ordered:
            return window.floor
        # of the whole branch: by its index alone
        every = replace(window, asked=window.asked.model_copy(update={"created_after": None, "created_before": None}))
        ends = every.ids(branch._replace(rest=""), f"OFFSET {window.walk} LIMIT 1")
        rows = await self._fetch_in_order(*window.values.bound(f"SELECT max(ix_id) AS last FROM ({ends}) AS ends"))
        return rows[0]["last"] or window.floor

    async def _search(self, window: Window, most: str) -> tuple[str, str]:
        """Where the window ends, and a statement for the ids of jobs in it that `q` may mean: 4096 jobs at a time from
        the newest to the oldest, and those that have not ended. Of a client with few jobs each is looked at: what is
        meant may be in the jobs of everybody else."""
        [(oldest, newest)] = await self._fetch("SELECT min(ix_id) AS oldest, max(ix_id) AS newest FROM jobs")
        first, last = _bucket(min(window.ceiling, newest or "0")), _bucket(max(window.floor, oldest or "0"))
        lowest = max(last, first - BUCKETS + 1)
        end = f"{lowest:07x}" if lowest > last else window.floor
        given, q = window.filter(), window.values.add(window.asked.q)
        # of what is not ended yet the indexes know nothing
        word = f"strpos(lower(document_name), lower({window.values.add(first_word(window.asked.q or ''))})) > 0"
        named = f"CASE WHEN {word} THEN name_index('', document_name) @@ name_query('', {q}) END"
        meant = f"(starts_with(request_id, {q}) OR {named})"
        if window.asked.client_id:
            either = f"(starts_with(jobs.ix_id, {q}) OR {meant})"
            own = [one._replace(rest=all_of(one.rest, either)) for one in given.of_client(window.wanted)]
            if await self._end(own[0], window) == window.floor:
                return window.floor, _union(window.ids(branch, most) for branch in own)
        by_id = Branch(f"jobs.ix_id >= {q} AND jobs.ix_id < {q} || '{NEWEST}'", given.rest(window.wanted))
        if is_id(window.asked.q or ""):
            end = max(end, await self._end(by_id, window))
        there = replace(window, floor=end)
        add = window.values.add
        series = f"generate_series({add(first, 'bigint')}, {add(lowest, 'bigint')}, -1)"
        rest = all_of(there.between(Branch("")), given.rest(window.wanted))
        found = [self._IN_BUCKETS.format(q=q, series=series, rest=rest, most=most)]
        found += [there.ids(branch, most) for branch in given.waiting(window.wanted, meant)]
        if is_id(window.asked.q or ""):
            found.append(there.ids(by_id, most))
        return end, _union(found)

    # The beginning of a request's id and the words of a name: two indexes by buckets, a look into each of them for
    # every bucket, until enough are found. What is asked for is made once, with a `~` for the bucket. The order of the
    # buckets is the order of the loop. U+10FFFF comes last.
    _IN_BUCKETS = """(
        SELECT hit.ix_id FROM {series} AS number CROSS JOIN LATERAL (
            SELECT jobs.ix_id FROM jobs WHERE jobs.ix_id = ANY (ARRAY(
                SELECT jobs.ix_id FROM jobs
                WHERE "left"(ix_id, 7) = lpad(to_hex(number), 7, '0') AND finished_at IS NOT NULL
                  AND request_id COLLATE "C" >= {q} AND request_id COLLATE "C" < {q} || chr(1114111)
                UNION ALL
                SELECT jobs.ix_id FROM jobs
                WHERE name_index("left"(ix_id, 7), document_name)
                        @@ replace((SELECT name_query('~', {q})::text), '~', lpad(to_hex(number), 7, '0'))::tsquery
                  AND finished_at IS NOT NULL AND document_name IS NOT NULL
            )) AND {rest} ORDER BY jobs.ix_id DESC {most}
        ) AS hit {most})"""

    async def _codes(self, asked: Listing) -> list[str]:
        """The codes of errors that there are: a look into the index for each."""
        own, given = ("client_id = $1 AND", [asked.client_id]) if asked.client_id else ("", [])
        first = f"SELECT jobs.error_code FROM jobs WHERE {own} {FAILED} AND jobs.error_code"
        rows = await self._fetch(
            f"""WITH RECURSIVE codes AS (
                ({first} IS NOT NULL ORDER BY error_code LIMIT 1)
                UNION ALL
                SELECT ({first} > codes.error_code ORDER BY error_code LIMIT 1) FROM codes
                WHERE codes.error_code IS NOT NULL
            )
            SELECT error_code FROM codes WHERE error_code IS NOT NULL LIMIT {MOST_CODES}""",
            *given,
        )
        return [row["error_code"] for row in rows]

    # Ids are drawn in the order of time: the first one of a moment is found by halving, between the ends of the index.
    _BORDER = """
        WITH RECURSIVE halved AS (
            SELECT ('x' || lpad("left"(min(ix_id), 10), 16, '0'))::bit(64)::bigint AS low,
                ('x' || lpad("left"(max(ix_id), 10), 16, '0'))::bit(64)::bigint + 1 AS high FROM jobs
            UNION ALL
            SELECT CASE WHEN earlier THEN middle + 1 ELSE low END, CASE WHEN earlier THEN high ELSE middle END
            FROM halved CROSS JOIN LATERAL (SELECT (low + high) / 2 AS middle) AS half CROSS JOIN LATERAL (
                SELECT coalesce((SELECT created_at < $1 FROM jobs WHERE ix_id >= lpad(to_hex(middle), 10, '0')
                    ORDER BY ix_id LIMIT 1), false) AS earlier) AS looked
            WHERE low < high
        )
        SELECT lpad(to_hex(low), 10, '0') AS border FROM halved WHERE low >= high"""

    async def _border(self, moment: datetime) -> str:
        """The first id of a moment, or what of an id comes before it."""
        rows = await self._fetch(self._BORDER, moment)
        return rows[0]["border"] if rows else OLDEST


def _bucket(ix_id: str) -> int:
    return int(ix_id[:7].ljust(7, "0"), 16)


def _union(found: Iterable[str]) -> str:
    return " UNION ".join(found) or "SELECT NULL AS ix_id WHERE false"
