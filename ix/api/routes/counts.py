"""`GET /jobs/counts`: how many jobs there are of each kind, as the filters of a list say."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from ix.api.listing import listing_of, within
from ix.api.middleware.auth import caller_of
from ix.api.openapi.examples import COUNTS
from ix.api.openapi.operation import Answer, operation
from ix.api.openapi.shared import UNPROCESSABLE
from ix.api.routing import Route
from ix.api.services import services_of
from ix.database.jobs import Counts
from ix.database.jobs.filters import Filters
from ix.job import Status


@operation(
    "Count jobs",
    "jobs",
    Answer(200, "The counts", Counts, example=COUNTS),
    UNPROCESSABLE,
    query=Filters,
)
async def show(request: Request) -> Response:
    """By state, by the code of the error and by review, for the same filters as a list's. Each count stops at `cap`;
    with `at_least` some were cut off before that, since only the newest jobs were looked at. They are as of the last
    second."""
    wanted = within(request, listing_of(request))
    services, caller = services_of(request), caller_of(request)
    if wanted is None:
        counts = Counts(status={status.value: 0 for status in Status}, errors={}, review={})
    else:
        counts = await services.counting.counts(wanted, caller.use_cases)
    return Response(counts.model_dump_json(), media_type="application/json")


ROUTES = [Route("/jobs/counts", show, methods=["GET"])]
