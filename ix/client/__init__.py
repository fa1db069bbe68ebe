"""A Python client for ix: `Client` and `AsyncClient`, alike but for `await`.

    with Client("http://127.0.0.1:8080", client_id="me") as ix:
        job = ix.wait(ix.submit(["receipt.jpg"], "receipt"))
        print(job.response.result)

    with open("results.xlsx", "wb") as file:
        ix.export(file, use_case="receipt")

    for event in ix.events(job):    # or ix.watch(), for all jobs of this client
        print(event)

Every call is tried again when the service or the way to it fails for a moment, which is safe because a submission's
request id, made from its content unless given, lets the service recognise a repetition.

    IxError
    └── ClientError         `status`, `detail`, and `errors` as `{field, message}`; 0 where nobody answered
        ├── NotFound        404
        └── Conflict        409, 412, or 422 for a request id that carries other content
"""

from ix.client.configurations import SavedConfiguration
from ix.client.errors import ClientError, Conflict, NotFound
from ix.client.events import ProgressEvent, StatusEvent, StreamEvent
from ix.client.operations import Action, Document
from ix.client.shells import AsyncClient, Client
from ix.client.webhooks import BadWebhook, verify_webhook

__all__ = [
    "Action",
    "AsyncClient",
    "BadWebhook",
    "Client",
    "ClientError",
    "Conflict",
    "Document",
    "NotFound",
    "ProgressEvent",
    "SavedConfiguration",
    "StatusEvent",
    "StreamEvent",
    "verify_webhook",
]
