"""`GET /jobs/{id}/events` and `GET /events?client_id=`: server-sent events (WHATWG HTML, section 9.2).

status     the envelope without request and response       id: where to go on
progress   {ix_id, attempt, step, done, of}, of jobs that run for more than about half a second
erased     {ix_id}: the job is no more
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from ix.api.live import streams
from ix.api.live.sse import EventStream
from ix.api.lookup import head_or_404
from ix.api.middleware.auth import caller_of, requested_client
from ix.api.openapi.operation import Answer, Parameter, operation
from ix.api.openapi.shared import IX_ID, NOT_FOUND, UNPROCESSABLE
from ix.api.problems import invalid
from ix.api.routing import Route
from ix.api.services import services_of
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
    "Follow all jobs of a client",
    "events",
    Answer(200, _STREAM, str, "text/event-stream"),
    UNPROCESSABLE,
    parameters=[
        Parameter("client_id", "query", Key, "Whose jobs; a client's key says it already", example="me"),
        LAST_EVENT_ID,
    ],
    stream=True,
)
async def of_client(request: Request) -> Response:
    """The events of every job of the client, without end. Whoever comes back with the last id gets every end that it
    missed, and possibly those of the 15 s before again."""
    services, client_id = services_of(request), _client_id(request)
    try:
        stream = streams.ClientStream(
            services.broadcast, client_id, _last_id(request), services.settings, caller_of(request).knows
        )
    except InvalidInput as error:
        raise invalid(error) from None
    return EventStream(stream.chunks(), client_id)


def _client_id(request: Request) -> str:
    client_id = requested_client(request)
    # PostgreSQL refuses a NUL in any text
    if not client_id or len(client_id) > 200 or "\x00" in client_id:
        raise invalid(InvalidInput("client_id", "is missing, or is no client_id"))
    return client_id


def _last_id(request: Request) -> str | None:
    return request.headers.get("last-event-id")


ROUTES = [
    Route("/jobs/{ix_id}/events", of_job, methods=["GET"]),
    Route("/events", of_client, methods=["GET"]),
]
