"""`GET /jobs/{id}/attempts`: the attempts that a job has had, each with what it came to."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from ix.api.lookup import head_or_404
from ix.api.openapi.examples import ATTEMPT
from ix.api.openapi.operation import Answer, operation
from ix.api.openapi.shared import IX_ID, NOT_FOUND
from ix.api.routing import Route
from ix.api.services import services_of
from ix.database.jobs import Attempt


class AttemptList(BaseModel):
    """The attempts of a job, the first one first."""

    attempts: Sequence[Attempt]


@operation(
    "List a job's attempts",
    "jobs",
    Answer(200, "The attempts", AttemptList, example=AttemptList(attempts=[ATTEMPT])),
    NOT_FOUND,
    parameters=[IX_ID],
)
async def show(request: Request) -> Response:
    """Each attempt since the job was submitted, or tried again by `retry`, which forgets those before. One that ended
    without an answer says why: its engine was `lost`, or an error that may pass let it be `postponed`."""
    head = await head_or_404(request)
    attempts = await services_of(request).database.jobs.attempts_of(head.ix_id)
    return Response(AttemptList(attempts=attempts).model_dump_json(), media_type="application/json")


ROUTES = [Route("/jobs/{ix_id}/attempts", show, methods=["GET"])]
