"""Reading what is asked of a review: bodies of JSON, and the version that was seen."""

from __future__ import annotations

import re
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from ix import untrusted
from ix.api.lookup import ix_id_of, no_such_job, result_erased
from ix.api.middleware.auth import caller_of
from ix.api.problems import Problem, invalid, invalid_fields
from ix.api.services import services_of
from ix.api.submission.reading import JSON, media_type
from ix.database.reviews import StoredReview
from ix.errors import InvalidInput

SMALL_BYTES = 64 * 1024
"""Of a body that is read on the event loop."""
MOST_VALUES = 200_000
"""Values and names of a body that a child reads."""
_TAG = re.compile(r'(?:W/)?"v([0-9]{1,9})"')
M = TypeVar("M", bound=BaseModel)


async def body_of(request: Request, most: int) -> bytes:
    """A body of JSON, unread. Raises `Problem`: 413, 415 or 422."""
    if media_type(request.headers.get("content-type", "")) != JSON:
        raise Problem(415, f"content-type: send {JSON}", headers={"accept": JSON})
    content = await request.body()
    if len(content) > most:
        raise Problem(413, f"the body is larger than {most} bytes")
    try:
        untrusted.bound(content, MOST_VALUES)
    except InvalidInput as error:
        raise invalid(error) from None
    return content


async def read(request: Request, model: type[M], default: bytes = b"") -> M:
    """A small body as a model; `default` stands for one that is empty. Raises `Problem`: 400, 413, 415 or 422."""
    content = await body_of(request, SMALL_BYTES) if await request.body() or not default else default
    try:
        return model.model_validate(untrusted.parse(content))
    except InvalidInput as error:
        raise invalid(error, 422 if error.field else 400) from None
    except ValidationError as error:
        raise invalid_fields(error) from None


def version_of(request: Request) -> int:
    """The version that was seen (`If-Match`, RFC 9110, 13.1.1). Raises `Problem` 422 or 428."""
    given = request.headers.get("if-match", "").strip()
    if not given:
        raise Problem(428, 'if-match: name the version that you saw, such as "v0": the ETag of the review')
    found = _TAG.fullmatch(given)
    if found is None:
        raise invalid(InvalidInput("if-match", 'is no version of a review, such as "v0"'))
    return int(found[1])


async def review_of(request: Request) -> StoredReview:
    """The answer of the job that the path names with its review, if it is one of the caller's. Raises `Problem`: 404,
    409 where there is no answer, and 410 where there is none any more."""
    caller = caller_of(request)
    found = await services_of(request).database.reviews.find(ix_id_of(request), caller.client_id)
    if found is None or not caller.knows(found.use_case):
        raise no_such_job()
    if found.status != "done" or found.answer is None:
        status = "running" if found.status == "split" else found.status
        raise Problem(409, f"the job is {status}; only an answer can be reviewed")
    if found.results_erased is not None:
        raise result_erased(found.results_erased)
    return found
