"""Is this callback from ix? For receivers."""

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
    """The event in a callback's body. `secret` is what `ix secret` printed. Raises `BadWebhook`."""
    given = {name.lower(): value for name, value in headers.items()}
    try:
        key = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
        delivery_id, timestamp, signatures = (
            given["webhook-id"],
            int(given["webhook-timestamp"]),
            given["webhook-signature"],
        )
    except (KeyError, ValueError, binascii.Error):
        raise BadWebhook("a header is missing, or the secret is none") from None
    if abs((time.time() if now is None else now) - timestamp) > TOLERANCE:
        raise BadWebhook("the timestamp is too old or lies ahead")
    expected = signature(key, delivery_id, timestamp, body)
    if not any(hmac.compare_digest(expected.encode(), one.encode()) for one in signatures.split()):
        raise BadWebhook("no signature is right")
    return json.loads(body)
