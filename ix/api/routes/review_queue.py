"""`/reviews`: the next job to look at, leases, and where to set the bar."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from ix.api.bodies import read
from ix.api.middleware.auth import caller_of
from ix.api.openapi import reviews as examples
from ix.api.openapi.operation import JSON, Answer, Body, Parameter, operation
from ix.api.openapi.shared import IX_ID, NOT_FOUND, NOT_JSON, UNPROCESSABLE, problem
from ix.api.problems import Problem, invalid
from ix.api.reviewing.asked import review_of
from ix.api.reviewing.models import Leased, Next
from ix.api.routing import Route
from ix.api.services import services_of
from ix.database.reviews import Bar
from ix.errors import InvalidInput
from ix.job import Key


@operation(
    "Take the next review",
    "reviews",
    Answer(200, "A job to look at, and its lease", Leased, example=examples.LEASED),
    Answer(204, "Nothing waits for a person"),
    NOT_JSON,
    UNPROCESSABLE,
    bodies=[Body(JSON, Next, examples.NEXT, required=False)],
    needs="review",
)
async def take(request: Request) -> Response:
    """The oldest job that needs a person's eyes and that nobody looks at. Two who ask at once never get the same. The
    lease lasts five minutes: `PUT` it to keep it, `DELETE` it to give the job back."""
    asked, caller = await read(request, Next, b"{}"), caller_of(request)
    where = asked.where
    for name in ("client_id", "use_case"):
        # PostgreSQL refuses a NUL in any text: the answer would be 500
        if "\x00" in (getattr(where, name) or ""):
            raise invalid(InvalidInput(f"where.{name}", "holds a NUL"))
    own = caller.client_id
    if own is not None and where.client_id not in (None, own):
        # as if it had none: that another client exists is not told
        return Response(status_code=204)
    where = where.model_copy(update={"client_id": own or where.client_id})
    found = await services_of(request).database.reviews.next(where, asked.skip, caller, caller.use_cases)
    if found is None:
        return Response(status_code=204)
    leased = Leased(ix_id=found[0], lease=found[1])
    return Response(leased.model_dump_json(), media_type="application/json")


@operation(
    "Keep a review",
    "reviews",
    Answer(200, "The lease, for five minutes more", Leased, example=examples.LEASED),
    NOT_FOUND,
    problem(409, "Another person looks at it, or there is no answer", "Anna looks at it until 14:07:12 UTC"),
    parameters=[IX_ID],
    needs="review",
)
async def keep(request: Request) -> Response:
    """Takes the lease of a job that nobody looks at, or keeps one's own."""
    stored = await review_of(request)
    lease = await services_of(request).database.reviews.lease(stored.ix_id, caller_of(request))
    if lease is None:
        now = await review_of(request)
        holder = f"{now.lease.by} looks at it until {now.lease.until:%H:%M:%S} UTC" if now.lease else "try again"
        raise Problem(409, holder)
    return Response(Leased(ix_id=stored.ix_id, lease=lease).model_dump_json(), media_type="application/json")


@operation(
    "Give a review back",
    "reviews",
    Answer(204, "It is nobody's, or another person's"),
    NOT_FOUND,
    problem(409, "There is no answer", "the job is running; only an answer can be reviewed"),
    parameters=[IX_ID],
    needs="review",
)
async def give_back(request: Request) -> Response:
    """The job waits for whoever comes next. Another person's lease stays."""
    stored = await review_of(request)
    await services_of(request).database.reviews.give_back(stored.ix_id, caller_of(request))
    return Response(status_code=204)


@operation(
    "See where to set the bar",
    "reviews",
    Answer(200, "The curves", Bar, example=examples.BAR),
    UNPROCESSABLE,
    parameters=[
        Parameter("use_case", "query", Key, "The use case whose answers are counted", example="receipt", required=True),
        Parameter("client_id", "query", Key, "Jobs of this client; a key tells it", example="me"),
    ],
    needs="view",
)
async def bar(request: Request) -> Response:
    """Of the values of the latest approved answers: how many would have passed at each bar (`IX_REVIEW_BAR`), and how
    many of those a person put right. A bar that many wrong ones pass is too low; one that few right ones pass costs
    eyes."""
    caller, asked = caller_of(request), request.query_params
    use_case, client_id = asked.get("use_case", ""), asked.get("client_id")
    if not use_case or "\x00" in use_case + (client_id or ""):
        raise invalid(InvalidInput("use_case", "is missing, or holds a NUL"))
    own = caller.client_id
    is_theirs = own is not None and client_id not in (None, own)
    if is_theirs or not caller.knows(use_case):
        found = Bar(fields=[], of=0)
    else:
        of_client = own or client_id
        found, as_of = await services_of(request).reads.ask(lambda there: there.reviews.bar(use_case, of_client))
        found = found.model_copy(update={"as_of": as_of})
    return Response(found.model_dump_json(), media_type="application/json")


ROUTES = [
    Route("/reviews/next", take, methods=["POST"]),
    Route("/reviews/bar", bar, methods=["GET"]),
    Route("/reviews/{ix_id}/lease", keep, methods=["PUT"]),
    Route("/reviews/{ix_id}/lease", give_back, methods=["DELETE"]),
]
