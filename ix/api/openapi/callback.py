"""The calls that go the other way: what a client's receiver is sent when a job or a batch has ended. See
`ix.callbacks`."""

from __future__ import annotations

from ix import callbacks
from ix.api.openapi.examples import DONE, ENDED_BATCH
from ix.api.openapi.operation import JSON, Answer, Body, Operation, Parameter

_HEADERS = [
    Parameter(
        "webhook-id",
        "header",
        str,
        "The delivery's id, the same in every try",
        "msg_0b7c4f0e9ad54c0c8d0b5a8f5f0f3c11",
        required=True,
    ),
    Parameter("webhook-timestamp", "header", int, "When this try was made, Unix seconds", 1793611802, required=True),
    Parameter(
        "webhook-signature",
        "header",
        str,
        "`v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`, one for each valid secret; there once the "
        "client has a secret",
    ),
]
_ANSWERS = [
    Answer(200, "Heard; any other 2xx says the same"),
    Answer(410, "Not wanted: nothing more is tried. Anything else is tried again, not before what `Retry-After` says"),
]
CALLBACK = Operation(
    id="callback",
    summary="A job has ended",
    tag="deliveries",
    description="What ix sends to the `callback_url` of a submission, after the Standard Webhooks specification: the "
    "job's state, and where to read the rest. It is tried by schedule over three days until a 2xx, and may come more "
    "than once.",
    answers=_ANSWERS,
    parameters=_HEADERS,
    query=None,
    bodies=[Body(JSON, callbacks.JobEvent, {"done": callbacks.event(DONE, "http://127.0.0.1:8080")})],
    open=True,
    stream=False,
)
CALLBACK_OF_BATCH = Operation(
    id="callback_of_batch",
    summary="All jobs of a batch have ended",
    tag="batches",
    description="What ix sends to the `callback_url` of a batch, in the same way: once it is closed and none of its "
    "jobs is left that has not ended. It is owed once, and may come more than once.",
    answers=_ANSWERS,
    parameters=_HEADERS,
    query=None,
    bodies=[Body(JSON, callbacks.BatchEvent, {"ended": callbacks.batch_event(ENDED_BATCH, "http://127.0.0.1:8080")})],
    open=True,
    stream=False,
)
