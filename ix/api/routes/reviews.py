"""`/jobs/{id}/review`: an answer as people made it, what they put right, and what they decided."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response

from ix import untrusted
from ix.api.answers import JsonAnswer, has_already
from ix.api.bodies import body_of, read
from ix.api.middleware.auth import caller_of
from ix.api.openapi import reviews as examples
from ix.api.openapi.operation import JSON, Answer, Body, Header, Parameter, operation
from ix.api.openapi.shared import IX_ID, NOT_FOUND, NOT_JSON, RESULT_ERASED, UNPROCESSABLE, problem
from ix.api.problems import Problem
from ix.api.reviewing.asked import review_of, version_of
from ix.api.reviewing.models import DecisionIn, Review
from ix.api.routing import Route
from ix.api.services import services_of
from ix.database.reviews import Decision, StoredReview
from ix.database.reviews.lease import holder_of
from ix.extraction.review.changes import Changes

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

MOST_BYTES = 256 * 1024
"""Of the changes of one call."""
ETAG = Header("ETag", str, "The version; a change names it in If-Match", example='"v3"')
IF_MATCH = Parameter("If-Match", "header", str, "The ETag of the review that was seen", '"v3"', required=True)
NO_ANSWER = problem(
    409,
    "There is no answer, another person looks at it, or it is decided",
    "Anna looks at it until 14:07:12 UTC",
)
CHANGED = problem(412, "Another person was quicker: read it again", "Anna approved this at 2026-11-02T14:02:00Z")
UNSEEN = problem(428, "No version is named", 'if-match: name the version that you saw, such as "v0"')


@operation(
    "Look at a review",
    "reviews",
    Answer(200, "The review", Review, example=examples.REVIEW, headers=[ETAG]),
    Answer(304, "It is the one that the client has (`If-None-Match`)"),
    NOT_FOUND,
    RESULT_ERASED,
    problem(409, "The job has no answer", "the job is running; only an answer can be reviewed"),
    parameters=[IX_ID],
    needs="review",
)
async def show(request: Request) -> Response:
    """The answer with every correction on it, and what of it needs a person's eyes. What was read stays as it is, in
    the job."""
    stored = await review_of(request)
    tag = f'"v{stored.version}"'
    # a lease comes and goes without a version of its own
    if has_already(request, tag) and stored.lease is None:
        return Response(status_code=304, headers={"etag": tag})
    return await _answer(request, stored)


@operation(
    "Put an answer right",
    "reviews",
    Answer(200, "The review with the changes", Review, example=examples.REVIEW, headers=[ETAG]),
    NOT_FOUND,
    RESULT_ERASED,
    NO_ANSWER,
    CHANGED,
    NOT_JSON,
    UNPROCESSABLE,
    UNSEEN,
    parameters=[IX_ID, IF_MATCH],
    bodies=[Body(JSON, Changes, examples.CHANGES)],
    needs="review",
)
async def correct(request: Request) -> Response:
    """All of the changes or none. Values are held against the schema; what the checks mind is a point again, unless it
    is confirmed. Rows are put in, taken out and moved by `op`."""
    stored = await review_of(request)
    version = version_of(request)
    asked = await body_of(request, MOST_BYTES)
    services, caller = services_of(request), caller_of(request)
    # before anything is judged, which takes longer; the statement that writes looks once more
    _require_open(stored)
    _require_current(request, stored, version)
    told, (_, entries, _) = await services.judge.review(stored, asked)
    if not await services.database.reviews.correct(stored, version, entries, told["points"], caller):
        await _refuse(request, version)
    return await _answer(request, await review_of(request))


@operation(
    "Decide about an answer",
    "reviews",
    Answer(200, "The review as it was decided", Review, example=examples.APPROVED, headers=[ETAG]),
    NOT_FOUND,
    RESULT_ERASED,
    NO_ANSWER,
    CHANGED,
    NOT_JSON,
    UNPROCESSABLE,
    UNSEEN,
    parameters=[IX_ID, IF_MATCH],
    bodies=[Body(JSON, DecisionIn, examples.DECISIONS)],
    needs="review",
)
async def decide(request: Request) -> Response:
    """Approved or rejected, or `needed`: open again. The lease ends. An approval is told to event streams and, where
    the job has a `callback_url`, as `job.approved` with the reviewed result."""
    stored = await review_of(request)
    version = version_of(request)
    asked = await read(request, DecisionIn)
    services, caller = services_of(request), caller_of(request)
    _require_current(request, stored, version)
    if stored.decided and asked.state != "needed":
        _require_open(stored)
    told, (_, _, kept) = await services.judge.review(stored)
    known: Mapping[str, Any] = untrusted.load(kept)
    decision = Decision(asked.state, asked.note, to_json(known["readings"]), known["result"])
    if not await services.database.reviews.decide(stored, version, decision, told["points"], caller):
        await _refuse(request, version)
    return await _answer(request, await review_of(request))


async def _answer(request: Request, stored: StoredReview) -> Response:
    told, (view, _, _) = await services_of(request).judge.review(stored)
    # joined as bytes: nobody here looks into what may be large
    head = to_json(
        {
            "ix_id": stored.ix_id,
            "state": stored.state(told["points"]),
            "version": stored.version,
            "lease": stored.lease,
            "decided": stored.decided,
        }
    )
    return JsonAnswer([head[:-1], b",", view[1:]], 200, [(b"etag", f'"v{stored.version}"'.encode())])


def _require_open(stored: StoredReview) -> None:
    if stored.decided:
        raise Problem(409, f"{_decided(stored)}; open it again (`needed`) to change it")


def _require_current(request: Request, stored: StoredReview, version: int) -> None:
    """Raises `Problem`: 412 where another version was seen, 409 where another person looks at it."""
    if stored.version != version:
        raise Problem(412, f"{_decided(stored)}; read it again, its version is v{stored.version} now")
    if stored.lease and stored.holder != holder_of(caller_of(request)):
        raise Problem(409, f"{stored.lease.by} looks at it until {stored.lease.until:%H:%M:%S} UTC")


async def _refuse(request: Request, version: int) -> None:
    """Says why a change found another review than was read just before. Raises `Problem`."""
    stored = await review_of(request)
    _require_current(request, stored, version)
    raise Problem(409, "the job runs again, or has run again meanwhile: read it anew")


def _decided(stored: StoredReview) -> str:
    """What was done last, by whom and when."""
    if stored.decided:
        return f"{stored.decided.by} {stored.decided.state} this at {stored.decided.at:%Y-%m-%dT%H:%M:%SZ}"
    last = untrusted.load(stored.corrections)[-1:]
    return f"{last[0]['by']} changed this at {last[0]['at']}" if last else "it was opened again"


ROUTES = [
    Route("/jobs/{ix_id}/review", show, methods=["GET"]),
    Route("/jobs/{ix_id}/review", correct, methods=["PATCH"]),
    Route("/jobs/{ix_id}/review/decision", decide, methods=["POST"]),
]
