"""The one call that goes the other way: what a client's receiver is sent when a job has ended. See `ix.callbacks`."""

from __future__ import annotations

from ix import callbacks
from ix.api.openapi.examples import DONE
from ix.api.openapi.operation import JSON, Answer, Body, Operation, Parameter

CALLBACK = Operation(
    id="callback",
    summary="A job has ended",
    tag="deliveries",
    description="What ix sends to the `callback_url` of a submission, after the Standard Webhooks specification: the "
    "job's state, and where to read the rest. It is tried by schedule over three days until a 2xx, and may come more "
    "than once.",
    answers=[
        Answer(200, "Heard; any other 2xx says the same"),
        Answer(
            410, "Not wanted: nothing more is tried. Anything else is tried again, not before what `Retry-After` says"
        ),
    ],
    parameters=[
        Parameter(
            "webhook-id",
            "header",
            str,
            "The delivery's id, the same in every try",
            "msg_0b7c4f0e9ad54c0c8d0b5a8f5f0f3c11",
            required=True,
        ),
        Parameter(
            "webhook-timestamp", "header", int, "When this try was made, Unix seconds", 1793611802, required=True
        ),
        Parameter(
            "webhook-signature",
            "header",
            str,
            "`v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`, one for each valid secret; there once the "
            "client has a secret",
        ),
    ],
    query=None,
    bodies=[Body(JSON, callbacks.JobEvent, {"done": callbacks.event(DONE, "http://127.0.0.1:8080")})],
    open=True,
    stream=False,
)
