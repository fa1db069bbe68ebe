"""`/batches` and `/batches/{batch_id}`: jobs that a client wants to hear of once, when all of them have ended."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from ix.api.bodies import as_model, body_of, parsed
from ix.api.middleware.auth import caller_of, requested_client
from ix.api.openapi.examples import CLOSED_BATCH, OPEN_BATCH
from ix.api.openapi.operation import JSON, Answer, Body, Header, Parameter, operation
from ix.api.openapi.shared import NOT_JSON, UNPROCESSABLE, problem
from ix.api.problems import Problem, invalid
from ix.api.routes.actions import EXAMPLE, ActionOut, answer, begin
from ix.api.routing import Route
from ix.api.services import services_of
from ix.api.submission.validate import check_callback, check_client
from ix.database.actions import Kind, Wanted
from ix.errors import InvalidInput
from ix.job import Batch, BatchId, Key, Status

LAST = "f" * 16
"""No job has an id above it."""
UNENDED = (Status.SCHEDULED, Status.PENDING, Status.RUNNING)


class BatchIn(BaseModel):
    """A batch as it is declared."""

    # as for a submission, a key tells the client
    model_config = ConfigDict(extra="forbid", json_schema_extra=lambda schema: schema["required"].remove("client_id"))

    client_id: Key = Field(description="Whose it is; needed only where no key tells it")
    batch_id: BatchId = Field(description="Your own name for it, which jobs name")
    callback_url: str | None = Field(
        default=None, max_length=2000, description="Told once, when the batch is closed and all of its jobs have ended"
    )


_BATCH_ID = TypeAdapter[str](BatchId)
_BODIES = {
    "with a callback": {"client_id": "me", "batch_id": "october", "callback_url": "https://books.example.com/ix"}
}
_LOCATION = Header("Location", str, "Where the batch can be read", example="/batches/october")
_NAME = Parameter("batch_id", "path", BatchId, "The client's own name for it", example="october")
_CLIENT = Parameter("client_id", "query", Key, "Whose batch; needed only where no key tells it", example="me")
NO_BATCH = problem(404, "There is no such batch, or it is another client's", "there is no such batch")


@operation(
    "Declare a batch",
    "batches",
    Answer(201, "A new batch", Batch, example=OPEN_BATCH, headers=[_LOCATION]),
    Answer(200, "The batch that was declared before", Batch, example=CLOSED_BATCH, headers=[_LOCATION]),
    problem(400, "The body is no JSON", "body: is not valid JSON", ("body", "is not valid JSON")),
    NOT_JSON,
    UNPROCESSABLE,
    bodies=[Body(JSON, BatchIn, _BODIES)],
)
async def declare(request: Request) -> Response:
    """Then submit its jobs, each with this `batch_id`, close it, and hear of it once. The same batch again is the one
    that is there (200); with another `callback_url` it is refused (422)."""
    asked = await _read(request)
    batches = services_of(request).database.batches
    declared = await batches.declare(asked.client_id, asked.batch_id, asked.callback_url)
    if declared is None:
        raise _no_such_batch()
    if declared.batch.callback_url != asked.callback_url:
        raise invalid(InvalidInput("batch_id", "is already taken by a batch with another callback_url"))
    # again, for the caller: its key may know some use cases only
    return _answer(await _batch(request, asked.client_id, asked.batch_id), declared.is_new)


@operation(
    "Look at a batch",
    "batches",
    Answer(200, "The batch, and how many jobs it has by state", Batch, example=CLOSED_BATCH, headers=[_LOCATION]),
    NO_BATCH,
    UNPROCESSABLE,
    parameters=[_NAME, _CLIENT],
)
async def show(request: Request) -> Response:
    """Counts are of the jobs that are there now, at most the newest 20,000; `GET /jobs?batch_id=` lists them."""
    return _answer(await _batch(request, *_named(request)))


@operation(
    "Close a batch",
    "batches",
    Answer(200, "The batch, closed", Batch, example=CLOSED_BATCH, headers=[_LOCATION]),
    NO_BATCH,
    UNPROCESSABLE,
    parameters=[_NAME, _CLIENT],
)
async def close(request: Request) -> Response:
    """No more jobs come: one that names it afterwards is refused (422), a repetition of one that came before is not.
    The batch ends when all of its jobs have: done, in error, cancelled or erased, and so at once where it has none. One
    that is closed already stays so."""
    client_id, batch_id = _named(request)
    await _batch(request, client_id, batch_id)
    await services_of(request).database.batches.close(client_id, batch_id)
    return _answer(await _batch(request, client_id, batch_id))


@operation(
    "Cancel a batch",
    "batches",
    Answer(
        202,
        "The batch is closed, and its jobs that have not ended are being cancelled",
        ActionOut,
        example=EXAMPLE.model_copy(update={"action": Kind.CANCEL}),
        headers=[Header("Location", str, "Where that can be looked at", example=f"/actions/{EXAMPLE.id}")],
    ),
    NO_BATCH,
    UNPROCESSABLE,
    parameters=[_NAME, _CLIENT],
)
async def cancel(request: Request) -> Response:
    """What `POST /jobs/actions` would do with the jobs of the batch that have not ended. When they have, it ends like
    any other, and its callback comes."""
    client_id, batch_id = _named(request)
    services, caller = services_of(request), caller_of(request)
    batch = await _batch(request, client_id, batch_id)
    await services.database.batches.close(client_id, batch_id)
    wanted = Wanted(
        Kind.CANCEL,
        sum(batch.jobs.status.get(status, 0) for status in UNENDED),
        LAST,
        filters={"client_id": client_id, "batch_id": batch_id, "status": UNENDED},
        client_id=client_id,
        use_cases=None if caller.use_cases is None else sorted(caller.use_cases),
        key_id=caller.key_id,
    )
    return answer(await begin(services, wanted, caller), 202)


async def _read(request: Request) -> BatchIn:
    """What the body declares. Raises `Problem`: 400, 403, 413, 415 or 422."""
    payload = parsed(await body_of(request))
    check_client(payload, caller_of(request))
    asked = as_model(BatchIn, payload)
    if asked.callback_url is not None:
        check_callback(asked.callback_url, services_of(request).settings)
    return asked


def _named(request: Request) -> tuple[str, str]:
    """Client and name of the batch that the path is about. Raises `Problem`: 403, 404 or 422."""
    client_id = requested_client(request)
    if not client_id:
        raise invalid(InvalidInput("client_id", "is missing: whose batch is it?"))
    if "\x00" in client_id:
        raise invalid(InvalidInput("client_id", "holds a NUL"))
    try:
        return client_id, _BATCH_ID.validate_python(request.path_params["batch_id"])
    except ValidationError:
        raise _no_such_batch() from None


async def _batch(request: Request, client_id: str, batch_id: str) -> Batch:
    """The batch, with the jobs that there are for the caller. Raises `Problem` 404."""
    batch = await services_of(request).database.batches.get(client_id, batch_id, caller_of(request).use_cases)
    if batch is None:
        raise _no_such_batch()
    return batch


def _no_such_batch() -> Problem:
    return Problem(404, "there is no such batch")


def _answer(batch: Batch, is_new: bool = False) -> Response:
    headers: Mapping[str, str] = {"location": f"/batches/{batch.batch_id}"}
    return Response(batch.model_dump_json(), 201 if is_new else 200, headers, media_type="application/json")


ROUTES = [
    Route("/batches", declare, methods=["POST"]),
    Route("/batches/{batch_id}", show, methods=["GET"]),
    Route("/batches/{batch_id}/close", close, methods=["POST"]),
    Route("/batches/{batch_id}/cancel", cancel, methods=["POST"]),
]
