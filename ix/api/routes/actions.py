"""`POST /jobs/actions` and `GET /actions/{id}`: many jobs retried, cancelled or erased at once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from ix.api.bodies import read
from ix.api.middleware.auth import caller_of
from ix.api.openapi.operation import JSON, Answer, Body, Header, Parameter, operation
from ix.api.openapi.shared import UNPROCESSABLE, IxId, problem
from ix.api.problems import Problem, invalid
from ix.api.routing import Route
from ix.api.services import Services, services_of
from ix.database.actions import Action, Kind, Wanted
from ix.database.jobs import Jobs, Listing
from ix.database.keys import Caller
from ix.errors import InvalidInput

MOST_IDS = 1000
MOST_COUNTED = 10_000
"""More jobs that match are not counted."""
PAGE = 200
TOLERANCE = 0.1
"""By which share of them the jobs that match may be more or fewer than were expected."""


class ActionIn(BaseModel):
    """What is to be done, and to which jobs: those of a list, or all that match a filter."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    action: Kind
    ids: Annotated[Sequence[IxId], Field(min_length=1, max_length=MOST_IDS)] | None = Field(
        default=None, description="The `ix_id` of each job"
    )
    where: Listing | None = Field(
        default=None, description="What `GET /jobs` is asked for, but for `before` and `limit`: every job that matches"
    )
    expect: int | None = Field(
        default=None,
        ge=0,
        description="How many jobs are expected to match; needed with `where`. Beyond 10,000 they are not counted, and "
        "any number from 9,000 on is right",
    )
    discard_review: bool = Field(default=False, description="Also retry jobs whose answer a person has worked on")


class ActionOut(BaseModel):
    """How far it is. More members may be added."""

    model_config = ConfigDict(json_schema_extra={"additionalProperties": True})

    id: str
    action: Kind
    of: int = Field(description="How many jobs it is about; 10,000 are as many or more until it is done")
    done: int
    failed: int = Field(description="Jobs that were left as they were")
    reasons: dict[str, int] = Field(
        description="Why, and how many for each: `unknown`, `not_ended` or `passwords` (they are needed again), "
        "`reviewed`, `parent` (it runs again itself), `pending_limit` (IX_MAX_PENDING) to retry, `ended` to cancel"
    )
    state: str = Field(description="`pending`, `running` or `done`")
    created_at: datetime
    moved_at: datetime = Field(description="When the last of it was done")


_ID = re.compile(r"act_[0-9a-f]{32}")
_MOMENT = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
EXAMPLE = ActionOut(
    id="act_7d0cf4c0a1b94b6f8a3d5a2f6f0e9d11",
    action=Kind.RETRY,
    of=1204,
    done=0,
    failed=0,
    reasons={},
    state="pending",
    created_at=_MOMENT,
    moved_at=_MOMENT,
)
_EXAMPLES = {
    "these": {"action": "cancel", "ids": ["00000000017f3a9c"]},
    "all that match": {"action": "retry", "where": {"status": "error", "use_case": "receipt"}, "expect": 1204},
}
NO_ACTION = problem(404, "There is no such action, or it is another client's", "there is no such action")


@operation(
    "Retry, cancel or erase many jobs",
    "jobs",
    Answer(
        202,
        "It is under way: engines do it, a few hundred jobs at a time",
        ActionOut,
        example=EXAMPLE,
        headers=[Header("Location", str, "Where it can be looked at", example=f"/actions/{EXAMPLE.id}")],
    ),
    problem(
        409,
        "More jobs match than were expected, or fewer, by more than 10 %",
        "expect: 1500 jobs match, 1204 were expected",
        ("expect", "1500 jobs match, 1204 were expected"),
    ),
    problem(415, "The body is no JSON", "content-type: send application/json"),
    UNPROCESSABLE,
    bodies=[Body(JSON, ActionIn, _EXAMPLES)],
)
async def ask(request: Request) -> Response:
    """Up to 1,000 jobs by id, or all that match. What holds for one job holds for each: a client's key touches its own
    jobs only, a retried one counts towards `IX_MAX_PENDING`, what is erased is gone for good. Jobs that are submitted
    later are left alone. Nothing is done twice or left out, whatever process ends meanwhile."""
    asked = await _read(request)
    services, caller = services_of(request), caller_of(request)
    wanted = await _wanted(asked, caller, services.database.jobs, services.settings.max_pending)
    return answer(await begin(services, wanted, caller), 202)


@operation(
    "Look at an action",
    "jobs",
    Answer(200, "How far it is", ActionOut, example=EXAMPLE.model_copy(update={"done": 600, "state": "running"})),
    NO_ACTION,
    parameters=[Parameter("id", "path", str, "What the answer to `POST /jobs/actions` said", example=EXAMPLE.id)],
)
async def show(request: Request) -> Response:
    """It is kept for a week after its end."""
    name, own = request.path_params["id"], caller_of(request).client_id
    found = await services_of(request).database.actions.find(name) if _ID.fullmatch(name) else None
    if found is None or own not in (None, found.client_id):
        raise Problem(404, "there is no such action")
    return answer(found, 200)


async def begin(services: Services, wanted: Wanted, caller: Caller) -> Action:
    """The action, under way and noted. Raises `Problem` 429 where too many are."""
    action = await services.database.actions.ask(wanted)
    if action is None:
        busy = "too many actions are under way; try again when some are done"
        raise Problem(429, busy, headers={"retry-after": "1"})
    asked_for = {"action": action.id, "of": action.total}
    await services.database.audit.note(f"jobs.{wanted.action}", caller, detail=asked_for)
    return action


async def _read(request: Request) -> ActionIn:
    """What the body asks for. Raises `Problem`: 400, 413, 415 or 422."""
    asked = await read(request, ActionIn)
    try:
        _check(asked)
    except InvalidInput as error:
        raise invalid(error) from None
    return asked


def _check(asked: ActionIn) -> None:
    """Raises `InvalidInput` where it is not said, or said twice, which jobs it is about."""
    if (asked.ids is None) == (asked.where is None):
        raise InvalidInput("where", "give either ids or where")
    if asked.where is not None:
        if asked.expect is None:
            raise InvalidInput("expect", "is missing: how many jobs are expected to match")
        if unfit := asked.where.model_fields_set & {"before", "limit"}:
            raise InvalidInput(f"where.{min(unfit)}", "has no place here: it is about all jobs that match")


async def _wanted(asked: ActionIn, caller: Caller, jobs: Jobs, max_pending: int) -> Wanted:
    """What is asked for, for the caller's jobs alone. Raises `Problem` 409 where it is not what was expected."""
    use_cases = None if caller.use_cases is None else sorted(caller.use_cases)
    whose = Wanted(asked.action, 0, "0" * 16, client_id=caller.client_id, use_cases=use_cases, key_id=caller.key_id)
    how = whose._replace(discard_review=asked.discard_review, max_pending=max_pending)
    if asked.where is None:
        ids = sorted(set(asked.ids or ()))
        _require_expected(asked.expect, len(ids))
        return how._replace(total=len(ids), before_id=_above(ids[-1]), ix_ids=ids)
    matching = await _matching(jobs, asked.where, caller)
    _require_expected(asked.expect, len(matching))
    filters = asked.where.model_dump(mode="json", exclude_none=True, exclude={"before", "limit"})
    top = _above(matching[0]) if matching else how.before_id
    return how._replace(total=len(matching), before_id=top, filters=filters)


async def _matching(jobs: Jobs, where: Listing, caller: Caller) -> Sequence[str]:
    """The newest jobs that match, as far as they are counted."""
    if caller.client_id is not None and where.client_id not in (None, caller.client_id):
        # as if it had none: that another client exists is not told
        return []
    listing = where.model_copy(update={"client_id": caller.client_id or where.client_id, "limit": PAGE})
    found: list[str] = []
    while len(found) < MOST_COUNTED:
        page = await jobs.page(listing, caller.use_cases)
        found += [head.ix_id for head in page]
        if len(page) < PAGE:
            break
        listing = listing.model_copy(update={"before": found[-1]})
    return found[:MOST_COUNTED]


def _require_expected(expected: int | None, count: int) -> None:
    if expected is None:
        return
    # of more than are counted nobody knows how many they are
    more = expected - count if count < MOST_COUNTED else min(expected - count, 0)
    if abs(more) > TOLERANCE * count:
        counted = f"{count}" if count < MOST_COUNTED else f"{count} or more"
        raise invalid(InvalidInput("expect", f"{counted} jobs match, {expected} were expected"), 409)


def _above(ix_id: str) -> str:
    """The least id above this one."""
    return f"{int(ix_id, 16) + 1:016x}"


def answer(action: Action, status: int) -> Response:
    """How far an action is, and where it is looked at."""
    counted = max(action.total, action.done + action.failed)
    told = ActionOut.model_validate({**action._asdict(), "of": counted})
    headers = {"location": f"/actions/{action.id}"} if status == 202 else None
    return Response(told.model_dump_json(), status, headers, media_type="application/json")


ROUTES = [
    Route("/jobs/actions", ask, methods=["POST"]),
    Route("/actions/{id}", show, methods=["GET"]),
]
