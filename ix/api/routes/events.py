"""`GET /jobs/{id}/events` and `GET /events`: server-sent events (WHATWG HTML, section 9.2).

status     the envelope without request and response       id: where to go on
progress   {ix_id, attempt, step, done, of}, of jobs that run for more than about half a second
erased     {ix_id}: the job is no more
review     {ix_id, review, points, version}: somebody has worked at the review of a job
counts     how many jobs there are, see `GET /jobs/counts`, where they are asked for
"""

from __future__ import annotations

from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from ix.api.listing import flag
from ix.api.live import streams
from ix.api.live.sse import EventStream
from ix.api.lookup import head_or_404
from ix.api.middleware.auth import caller_of, requested_client
from ix.api.openapi.operation import Answer, Parameter, operation
from ix.api.openapi.shared import IX_ID, NOT_FOUND, UNPROCESSABLE
from ix.api.problems import invalid
from ix.api.routing import Route
from ix.api.services import services_of
from ix.database.jobs import EVERYBODY, Listing
from ix.database.jobs.split import LONGEST_KEY
from ix.errors import InvalidInput
from ix.job import Key

LAST_EVENT_ID = Parameter("Last-Event-ID", "header", str, "The id of the last event that was read: goes on from there")
_STREAM = "A stream of server-sent events"


@operation(
    "Follow a job",
    "events",
    Answer(200, _STREAM, str, "text/event-stream"),
    Answer(204, "The reader knows the job's end already, and need not come back"),
    NOT_FOUND,
    parameters=[IX_ID, LAST_EVENT_ID],
    stream=True,
)
async def of_job(request: Request) -> Response:
    """`status` events carry the envelope without request and response: the job's state now, then each further one until
    it has ended. `progress` events, `{ix_id, attempt, step, done, of}`, come from jobs that run for more than about
    half a second. `erased` is the last word of a job that is no more."""
    services, job = services_of(request), await head_or_404(request)
    if streams.is_last(job) and _last_id(request) == streams.state_id(job):
        # readers come back whenever a stream ends; 204 tells them not to (HTML, 9.2)
        return Response(status_code=204)
    return EventStream(streams.of_job(services.broadcast, job, services.settings), job.client_id)


@operation(
    "Follow all jobs, or those of a client",
    "events",
    Answer(200, _STREAM, str, "text/event-stream"),
    UNPROCESSABLE,
    parameters=[
        Parameter("client_id", "query", Key, "Whose jobs; a client's key says it already", example="me"),
        Parameter("counts", "query", bool, "`true` sends `counts` too, every 2 s where they have changed"),
        LAST_EVENT_ID,
    ],
    stream=True,
)
async def of_client(request: Request) -> Response:
    """The events of every job, without end; of all clients where none is named, for whoever may see them. `review`
    events tell of people who look at answers. Whoever comes back with the last id gets every end that it missed, and
    possibly those of the 15 s before again. With `counts` it is for looking on: what is more than can be sent is
    passed over, which the next `counts` event says (`missed`)."""
    services, caller, client_id = services_of(request), caller_of(request), _client_id(request)
    asked, counted = Listing(client_id=client_id or None), None
    if flag(request, "counts"):
        counted = partial(services.counting.counts, asked, caller.use_cases)
    try:
        stream = streams.ClientStream(
            services.broadcast, client_id, _last_id(request), services.settings, caller.knows, counted
        )
    except InvalidInput as error:
        raise invalid(error) from None
    return EventStream(stream.chunks(), client_id)


def _client_id(request: Request) -> str:
    """Whose jobs; `EVERYBODY` where no client is named."""
    client_id = requested_client(request)
    # PostgreSQL refuses a NUL in any text
    if (client_id is not None and not 0 < len(client_id) <= LONGEST_KEY) or "\x00" in (client_id or ""):
        raise invalid(InvalidInput("client_id", "is no client_id"))
    return client_id or EVERYBODY


def _last_id(request: Request) -> str | None:
    return request.headers.get("last-event-id")


ROUTES = [
    Route("/jobs/{ix_id}/events", of_job, methods=["GET"]),
    Route("/events", of_client, methods=["GET"]),
]
