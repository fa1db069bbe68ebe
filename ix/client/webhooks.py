"""For receivers: is this callback from ix?"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import time
from collections.abc import Mapping
from typing import Any

from ix.callbacks import SECRET_PREFIX, signature
from ix.errors import IxError

TOLERANCE = 300.0
"""Seconds by which the clocks of sender and receiver may differ: what the reference libraries of Standard Webhooks
allow."""


class BadWebhook(IxError):
    """Not signed with this secret, or not lately."""


def verify_webhook(secret: str, headers: Mapping[str, str], body: bytes, now: float | None = None) -> Any:
    """The event in a callback's body, see `ix.callbacks.JobEvent`. `secret` is what `ix secret` printed, `now` unix
    seconds, this machine's by default. Raises `BadWebhook`."""
    # names of fields have no case (RFC 9110, 5.1), and frameworks spell them as they like
    given = {name.lower(): value for name, value in headers.items()}
    try:
        key = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
        timestamp = int(given["webhook-timestamp"])
        expected = signature(key, given["webhook-id"], timestamp, body).encode()
        # bytes: compare_digest raises for text that is not ASCII. Several, while an older secret is valid too
        signatures = given["webhook-signature"].encode().split()
    except (KeyError, ValueError, binascii.Error):
        raise BadWebhook("a header is missing, or the secret is none") from None
    if abs((time.time() if now is None else now) - timestamp) > TOLERANCE:
        raise BadWebhook("the timestamp is too old or lies ahead")
    # compared in constant time, or a sender could guess a signature byte by byte
    if not any(hmac.compare_digest(expected, one) for one in signatures):
        raise BadWebhook("no signature is right")
    # read last: no parser sees what is not signed
    return json.loads(body)
