"""Nouns for tests, with everything that a test does not care about filled in."""

from __future__ import annotations

import hashlib
import itertools
from typing import Any

from ix.job import DocumentRef, Request, Response, Submission

_numbers = itertools.count(1)
"""Padded below, because a batch is inserted in the order of its keys."""


def submission(
    *,
    client: str = "acme",
    request_id: str | None = None,
    use_case: str = "drill",
    document: bytes | None = None,
    **fields: Any,
) -> Submission:
    """A submission of a new request id, of the drill unless told otherwise."""
    options = fields.pop("options", {"action": "succeed"})
    refs: tuple[DocumentRef, ...] = ()
    blobs: dict[str, bytes] = {}
    if document is not None:
        sha = hashlib.sha256(document).hexdigest()
        refs = (DocumentRef(name="a.txt", media_type="text/plain", sha256=sha, size=len(document)),)
        blobs = {sha: document}
    return Submission(
        client_id=client,
        request_id=request_id or f"r{next(_numbers):06}",
        use_case=use_case,
        request=Request(documents=refs, options=options),
        blobs=blobs,
        **fields,
    )


def answer(**result: Any) -> Response:
    """A response without an error."""
    return Response(result=result)
