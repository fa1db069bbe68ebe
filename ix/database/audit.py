"""The audit log: who did what, and when. Web's account may add entries and read them; it cannot change or remove any.
Engines erase those that are older than the owner of the tables wants them (`ix retention audit`).

An entry is written in the transaction of what it tells of: its statement calls `note_audit` with what `entry_of`
gives, and where that cannot be, `Audit.note` writes it by itself. `what` is one of these, and whoever adds a kind adds
it here:

    session.start  session.end                 a browser was signed in, and out
    key.add  key.change  key.revoke            detail: key, and what was given
    job.cancel  job.retry  job.erase
    jobs.cancel  jobs.retry  jobs.erase        of many; detail: action, of how many
    use_case.pause  use_case.resume            detail: use_case
    cap.set  cap.drop                          detail: of, jobs, pages
    retention.set  retention.drop              detail: use_case, documents, results, jobs
    retention.audit                            detail: days
    review.lease  review.correct  review.decide
    configuration.save  configuration.delete   detail: name, version, client (empty for everybody's)

`detail` holds ids, counts, rights and formats. What a document says, keys and secrets are never in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from ix.database.repository import Repository
from ix.telemetry.log import bound_field

if TYPE_CHECKING:
    from ix.database.keys import Caller

MOST = 9_223_372_036_854_775_807
"""The greatest number that an entry may have, a bigint."""
MOST_ENTRIES = 200
"""On one page."""
_COLUMNS = "who, key_id, client_id, what, detail, request, ix_id"


class Entry(BaseModel):
    """Something that was done. `who` is a name as it was then; `key_id` is null where no key was asked for. `client_id`
    is whose jobs there were for the caller, null for everybody's; `request` the X-Request-Id under which it came."""

    model_config = ConfigDict(frozen=True, json_schema_serialization_defaults_required=True)

    number: int
    at: datetime
    who: str
    key_id: str | None
    client_id: str | None
    what: str
    ix_id: str | None
    detail: Mapping[str, Any]
    request: str | None


class Asked(BaseModel):
    """Which entries a page is about, newest first. `before` is the cursor: the last number of the page before."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    before: int | None = Field(default=None, ge=1, le=MOST, description="Entries before this number; what `next` names")
    limit: int = Field(default=50, ge=1, le=MOST_ENTRIES, description="Entries on a page")
    who: str | None = Field(default=None, min_length=1, max_length=300, description="What this person or key did")
    what: str | None = Field(
        default=None, min_length=1, max_length=60, description="What was done", examples=["job.erase"]
    )
    ix_id: str | None = Field(default=None, pattern="^[0-9a-f]{16}$", description="What was done to this job")


def entry_of(what: str, caller: Caller | None, detail: Mapping[str, Any] | None = None) -> Mapping[str, Any] | None:
    """An entry for a statement that calls `note_audit`; None, so that nothing is noted, where nobody is named as the
    one who does it."""
    if caller is None:
        return None
    return {
        "who": caller.who,
        "key_id": caller.key_id or None,
        "client_id": caller.client_id,
        "what": what,
        "detail": dict(detail or {}),
        "request": bound_field("http_request"),
    }


class Audit(Repository):
    """The table of entries: one more, or a page of those that there are."""

    _NOTE = "SELECT note_audit($1, $2)"

    async def note(
        self, what: str, caller: Caller, ix_id: str | None = None, detail: Mapping[str, Any] | None = None
    ) -> None:
        """Adds one entry, in a transaction of its own."""
        await self._fetch(self._NOTE, entry_of(what, caller, detail), ix_id)

    # One statement for each thing that is asked for first: the plan is made once, whatever is asked
    # (`ix.database.pool.PLANNING`), and each has its index. The other conditions are looked at on the way.
    _SELECT = f"SELECT number, at, {_COLUMNS} FROM audit WHERE "
    _REST = """
            AND ($1::bigint IS NULL OR number < $1) AND ($3::text IS NULL OR ix_id = $3)
            AND ($4::text IS NULL OR who = $4) AND ($5::text IS NULL OR what = $5)
        ORDER BY number DESC LIMIT $2"""
    _ALL = _SELECT + "true" + _REST
    _OF_JOB = _SELECT + "ix_id = $3" + _REST
    _OF_PERSON = _SELECT + "who = $4" + _REST
    _OF_KIND = _SELECT + "what = $5" + _REST
    _PAGES: ClassVar[Mapping[str, str]] = {"ix_id": _OF_JOB, "who": _OF_PERSON, "what": _OF_KIND, "": _ALL}

    async def page(self, asked: Asked) -> Sequence[Entry]:
        """Up to `limit` entries, the newest first."""
        wanted = {"ix_id": asked.ix_id, "who": asked.who, "what": asked.what}
        by = next((name for name, value in wanted.items() if value is not None), "")
        rows = await self._fetch(self._PAGES[by], asked.before, asked.limit, *wanted.values())
        return [Entry.model_validate(dict(row)) for row in rows]
