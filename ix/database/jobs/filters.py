"""Which jobs a list is about, and by which index they are found.

A filter becomes branches: conditions that one index answers, mostly in the order of `ix_id`, the newest first. What is
left of the filter is looked at row by row, in a window of ids which holds at most `WALK` rows of each branch, so that
no statement reads more, however many jobs there are."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Annotated, Any, NamedTuple

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from ix.job import BatchId, Key, Moment, Status, Tag

WALK = 20_000
"""Rows of a branch that one statement looks at: some 20 ms."""
REVIEWS = ("straight", "needed", "leased", "approved", "rejected")
UNENDED = (Status.SCHEDULED, Status.PENDING, Status.RUNNING)
FAILED = "status IN ('error', 'cancelled')"
"""How the indexes of failures are asked for."""
WITHOUT_CODE = "error_code IS NULL"
LEASED = "EXISTS (SELECT FROM reviews WHERE reviews.ix_id = jobs.ix_id AND leased_until > clock_timestamp())"
"""Of a job whose review is needed: somebody looks at it now. It ends by itself, so that no row says it."""
RESTING = "status <> 'running'"
"""How the index of a client's jobs is asked for."""
_NAMED = re.compile(r"\$(\d+)")
_BETWEEN = re.compile(r"[\s!-/:-@\[-`{-~]+")
_HEX = re.compile(r"[0-9a-f]{1,16}")


def _several(given: object) -> object:
    several = (given,) if isinstance(given, str) else given
    # here, so that it is the field that is named and not one of its values
    if isinstance(several, tuple | list) and not {*map(str, several)} <= {*Status}:
        raise ValueError(f"is none of {', '.join(Status)}")
    return several


def _tag(given: str) -> str:
    Tag.read(given)
    return given


class Filters(BaseModel):
    """Which jobs a list or a count is about."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    client_id: Key | None = Field(default=None, description="Jobs of this client; a key tells it", examples=["me"])
    use_case: Key | None = Field(default=None, description="Jobs of this use case")
    error_code: Key | None = Field(default=None, description="Jobs that ended in an error of this code")
    review: str | None = Field(
        default=None, pattern=f"^({'|'.join(REVIEWS)})$", description=f"Jobs whose review is {', '.join(REVIEWS)}"
    )
    q: Key | None = Field(
        default=None,
        description="Jobs whose ix_id or request_id begins so, or whose first document's name has words that do",
        examples=["invoice"],
    )
    created_after: Moment | None = Field(default=None, description="Created at this moment or later (RFC 3339)")
    created_before: Moment | None = Field(default=None, description="Created before this moment (RFC 3339)")
    parent: str | None = Field(default=None, pattern="^[0-9a-f]{16}$", description="Parts of this job")
    batch_id: BatchId | None = Field(default=None, description="Jobs of this batch of the client's")
    tag: Annotated[str, AfterValidator(_tag)] | None = Field(
        default=None,
        max_length=400,
        description="Jobs with this tag, `key:value`. With a client, found by an index; else newest jobs are looked at",
        examples=["department:sales"],
    )


class Listing(Filters):
    """Which jobs a list is about, newest first. `before` is the cursor: the last ix_id of the page before."""

    status: Annotated[tuple[Status, ...], BeforeValidator(_several)] = Field(
        default=(), max_length=len(Status), description="Jobs in this state; may be repeated"
    )
    before: str | None = Field(
        default=None, pattern="^[0-9a-f]{16}$", description="Created before this job; what `next` names"
    )
    limit: int = Field(default=50, ge=1, le=200, description="Jobs on a page")


class Values:
    """The values of statements that are put together."""

    def __init__(self) -> None:
        self._values: list[Any] = []

    def add(self, value: Any, type_: str = "text") -> str:
        """How a statement names the value, which is one of this type of PostgreSQL's."""
        self._values.append(value)
        return f"${len(self._values)}::{type_}"

    def bound(self, sql: str) -> list[Any]:
        """The statement, and the values that it names: PostgreSQL asks for the type of each that it is given."""
        named = sorted({int(number) for number in _NAMED.findall(sql)})
        places = {number: place for place, number in enumerate(named, 1)}
        return [
            _NAMED.sub(lambda found: f"${places[int(found[1])]}", sql),
            *(self._values[number - 1] for number in named),
        ]


class Branch(NamedTuple):
    """Jobs that an index finds: `where` is its condition. `lead` are the columns of the index before `ix_id`, and their
    values, of which `key` stands for each of `keys` where there are some. An `ordered` one gives jobs by their ids.
    `rest` is what each row is asked beside. `source` is where they are found, by the column `ix_id` of `found_in`."""

    where: str
    rest: str = ""
    lead: Mapping[str, str] = {}
    keys: Sequence[str] | None = None
    ordered: bool = True
    source: str = "jobs"
    found_in: str = "jobs"

    def between(self, floor: str, ceiling: str) -> str:
        """The condition, for ids from `floor` on and below `ceiling`. Rows are compared as wholes: with an equation a
        plan, which is made for any value, could take the order of all jobs for the better way to rare ones."""
        if not self.lead:
            own = "jobs.ix_id" if self.ordered else "jobs.ix_id || ''"
            return all_of(self.where, f"{own} >= {floor} AND {own} < {ceiling}")
        columns, values = ", ".join(self.lead), ", ".join(self.lead.values())
        row = f"({columns}, {self.found_in}.ix_id)"
        return all_of(self.where, f"{row} >= ({values}, {floor}) AND {row} < ({values}, {ceiling})")

    @property
    def order(self) -> str:
        """The newest first, as the index has them."""
        if not self.ordered:
            return "jobs.ix_id || '' DESC"
        # a column that is null stands before the id as well
        null = ("error_code",) if WITHOUT_CODE in self.where else ()
        return ", ".join(f"{column} DESC" for column in (*self.lead, *null, f"{self.found_in}.ix_id"))


class Filter:
    """A `Listing` as branches. `only`: the use cases that there are for the caller, None for all; `codes`: the codes of
    errors that there are."""

    def __init__(self, asked: Listing, only: Collection[str] | None, codes: Sequence[str], values: Values) -> None:
        self.asked, self.codes, self._values = asked, codes, values
        self._only = None if only is None else sorted(only)
        self._client = {"client_id": values.add(asked.client_id)} if asked.client_id else {}

    def alternatives(self, wanted: Collection[Status]) -> list[list[Branch]]:
        """The ways to find the jobs in the `wanted` states: of each its branches. The best is the one that reaches
        furthest back in a window."""
        asked = self.asked
        if asked.parent is not None:
            parent = self._values.add(asked.parent)
            own = f"jobs.ix_id = ANY (ARRAY(SELECT parts.ix_id FROM parts WHERE parts.parent = {parent}))"
            return [[Branch(own, self.rest(wanted, "parent"), ordered=False)]]
        if self._client and (asked.batch_id is not None or asked.tag is not None):
            return [[self._of_batch(wanted) if asked.batch_id is not None else self._tagged(wanted, asked.tag or "")]]
        if asked.error_code is not None:
            return [[self.failures()] if Status.ERROR in wanted else []]
        if asked.review is not None:
            found = self.reviews(wanted)
            return [[found._replace(keys=[_stored(asked.review)], rest=all_of(found.rest, _leased(asked.review)))]]
        if Status.DONE not in wanted:
            return [[branch for status in wanted for branch in self._of_status(status)]]
        return self._of_all(wanted)

    def waiting(self, wanted: Collection[Status], rest: str = "") -> Iterator[Branch]:
        """The jobs in those of the wanted states that have not ended, which indexes of ended ones do not know."""
        for status in UNENDED:
            if status in wanted:
                for branch in self._of_status(status):
                    yield branch._replace(rest=all_of(branch.rest, rest))

    def of_client(self, wanted: Collection[Status]) -> list[Branch]:
        """The jobs of the client that is asked for; those that run are in no index of clients, see the migrations."""
        resting = Branch(RESTING, self.rest(wanted, "client_id"), self._client)
        running = [self._unordered("status = 'running'")] if Status.RUNNING in wanted else []
        return [resting, *running]

    def _of_batch(self, wanted: Collection[Status]) -> Branch:
        lead = {**self._client, "batch_id": self._values.add(self.asked.batch_id)}
        return Branch("batch_id IS NOT NULL", self.rest(wanted, "client_id", "batch_id"), lead)

    def _tagged(self, wanted: Collection[Status], tag: str) -> Branch:
        key, value = Tag.read(tag)
        lead = {"job_tags.client_id": self._client["client_id"]}
        lead |= {"job_tags.key": self._values.add(key), "job_tags.value": self._values.add(value)}
        source = "job_tags JOIN jobs ON jobs.ix_id = job_tags.ix_id"
        return Branch("", self.rest(wanted, "client_id", "tag"), lead, source=source, found_in="job_tags")

    def reviews(self, wanted: Collection[Status] = tuple(Status)) -> Branch:
        """Jobs by what people found, or are still to find."""
        lead = {**self._client, "review": "key"}
        return Branch("review IS NOT NULL", self.rest(wanted, "client_id", "review"), lead, REVIEWS)

    def failures(self) -> Branch:
        """Jobs by the code of their error."""
        codes = self.codes if self.asked.error_code is None else [self.asked.error_code]
        return Branch(FAILED, self._unfound("client_id", "error_code"), {**self._client, "error_code": "key"}, codes)

    def rest(self, wanted: Collection[Status], *found: str) -> str:
        """What the filter says beside its moments and its search, as conditions of a row that no index is asked for:
        without those that one was `found` by."""
        states = [status.value for status in wanted]
        known = f"status || '' = ANY ({self._values.add(_known(states), 'text[]')})"
        return all_of("" if len(states) == len(Status) else known, self._unfound(*found))

    def _unfound(self, *found: str) -> str:
        asked, add = self.asked, self._values.add
        names = ("client_id", "use_case", "error_code", "review", "parent", "batch_id")
        given = {name: getattr(asked, name) for name in names if name not in found}
        leased = _leased(given.get("review"))
        given["review"] = _stored(given["review"]) if given.get("review") else None
        # an index that finds by use cases finds those there are for the caller, unless one is asked for
        only = self._only is not None and (asked.use_case is not None or "use_case" not in found)
        return all_of(
            *(f"{name} || '' = {add(value)}" for name, value in given.items() if value is not None),
            f"use_case || '' = ANY ({add(self._only, 'text[]')})" if only else "",
            leased,
            self._with_tag() if "tag" not in found else "",
        )

    def _with_tag(self) -> str:
        if self.asked.tag is None:
            return ""
        key, value = map(self._values.add, Tag.read(self.asked.tag))
        return f"jobs.tags ->> {key} = {value}"

    def _of_all(self, wanted: Collection[Status]) -> list[list[Branch]]:
        ways = []
        keys = [self.asked.use_case] if self.asked.use_case else self._only
        if keys is not None:
            ended = Branch("finished_at IS NOT NULL", self.rest(wanted, "use_case"), {"use_case": "key"}, keys)
            ways.append([ended, *self.waiting(wanted)])
        if self._client:
            ways.append(self.of_client(wanted))
        elif not ways:
            ways.append([Branch("", self.rest(wanted))])
        return ways

    def _of_status(self, status: Status) -> Iterator[Branch]:
        own = f"client_id = {self._client['client_id']}" if self._client else ""
        match status:
            case Status.PENDING if self._client:
                # how the index of pending ones of a client is asked for
                yield self._unordered(f"status || '' = 'pending' AND {own}", "client_id")
            case Status.RUNNING:
                yield self._unordered("status = 'running'")
                yield self._unordered("status = 'split'")
            case Status.ERROR | Status.CANCELLED:
                if status is Status.ERROR:
                    yield self.failures()
                # an engine of the version before writes no codes
                rest = all_of(f"status || '' = '{status.value}'", self._unfound("client_id"))
                yield Branch(all_of(own, WITHOUT_CODE, FAILED), rest)
            case _:
                yield self._unordered(f"status = '{status.value}'")

    def _unordered(self, where: str, *found: str) -> Branch:
        return Branch(where, self._unfound(*found), ordered=False)


def _known(states: Sequence[str]) -> list[str]:
    # one that waits for its parts runs, for its client
    return [*states, "split"] if "running" in states else list(states)


def _stored(review: str) -> str:
    return "needed" if review == "leased" else review


def _leased(review: str | None) -> str:
    return LEASED if review == "leased" else ""


def all_of(*conditions: str) -> str:
    """The conditions that are not empty, together."""
    return " AND ".join(condition for condition in conditions if condition)


def is_id(q: str) -> bool:
    """Whether ids of jobs may begin so."""
    return bool(_HEX.fullmatch(q))


def first_word(q: str) -> str:
    """The first of the words that names are searched for, as `words_of_name` takes them apart; `q` where it has
    none."""
    return next((word for word in _BETWEEN.split(q) if word), q)
