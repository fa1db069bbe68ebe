"""Reading what is asked of a review: which, and the version that was seen."""

from __future__ import annotations

import re

from starlette.requests import Request

from ix.api.lookup import ix_id_of, no_such_job, result_erased
from ix.api.middleware.auth import caller_of
from ix.api.problems import Problem, invalid
from ix.api.services import services_of
from ix.database.reviews import StoredReview
from ix.errors import InvalidInput

_TAG = re.compile(r'(?:W/)?"v([0-9]{1,9})"')


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
