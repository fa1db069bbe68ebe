"""`POST /jobs/{id}/check` and `POST /jobs/{id}/values`: what a person types or points at, before it is kept."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from ix.api.answers import JsonAnswer
from ix.api.bodies import body_of, read
from ix.api.openapi import reviews as examples
from ix.api.openapi.operation import JSON, Answer, Body, operation
from ix.api.openapi.shared import IX_ID, NOT_FOUND, NOT_JSON, RESULT_ERASED, UNPROCESSABLE, problem
from ix.api.problems import invalid
from ix.api.reviewing.asked import review_of
from ix.api.reviewing.models import Checked, Pick, Picked
from ix.api.routing import Route
from ix.api.services import services_of
from ix.config import MIB
from ix.errors import InvalidInput
from ix.extraction.review.changes import Checkable

NO_ANSWER = problem(409, "The job has no answer", "the job is running; only an answer can be reviewed")


@operation(
    "Check a result",
    "reviews",
    Answer(200, "What is wanting in it", Checked, example=examples.CHECKED),
    NOT_FOUND,
    RESULT_ERASED,
    NO_ANSWER,
    NOT_JSON,
    UNPROCESSABLE,
    parameters=[IX_ID],
    bodies=[Body(JSON, Checkable, examples.CHECKS)],
    needs="review",
)
async def check(request: Request) -> Response:
    """A result as it would be, held against the checks of the job's use case: what the engine would find, the points,
    and the declared sums. Nothing is kept."""
    stored = await review_of(request)
    asked = await body_of(request, MIB)
    return JsonAnswer([await services_of(request).judge.check(stored, asked)])


@operation(
    "Read a value",
    "reviews",
    Answer(200, "The value", Picked, example=examples.PICKED),
    NOT_FOUND,
    RESULT_ERASED,
    NO_ANSWER,
    NOT_JSON,
    UNPROCESSABLE,
    parameters=[IX_ID],
    bodies=[Body(JSON, Pick, examples.PICKS)],
    needs="review",
)
async def value(request: Request) -> Response:
    """What words of a page, or what a person typed, says as a value of the field's kind: amounts, dates and codes are
    read as on documents. Words give evidence, one box a line; those that nobody can see are refused. Nothing is
    kept."""
    stored = await review_of(request)
    asked = await read(request, Pick)
    about = {"path": asked.path, "language": asked.language}
    judge, pages = services_of(request).judge, services_of(request).database.pages
    if asked.text is not None:
        return JsonAnswer([await judge.value(stored, {**about, "text": asked.text})])
    document, page, _ = asked.words[0]
    where = document, page
    # an integer of the database
    known = max(where) < 2**31 and await pages.key(stored.ix_id, *where)
    packed = await pages.words(stored.ix_id, *where) if known else None
    if not known or packed is None:
        raise invalid(InvalidInput("words", "are of a page that is not there, or not kept"))
    of_page = {"document": document, "page": page, "width": known.width, "height": known.height}
    indices = [index for _, _, index in asked.words]
    return JsonAnswer([await judge.value(stored, {**about, **of_page, "words": indices}, [packed])])


ROUTES = [
    Route("/jobs/{ix_id}/check", check, methods=["POST"]),
    Route("/jobs/{ix_id}/values", value, methods=["POST"]),
]
