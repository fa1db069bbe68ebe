"""From a request to the submissions in its body.

small   read at once, on the event loop: most are, and nothing is quicker
large   read in a child process, see `ix.api.submission.large`: in bytes, in values, or when it is unpacked"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from itertools import chain
from time import perf_counter

from starlette.requests import ClientDisconnect, Request

from ix import untrusted
from ix.api.middleware.admission import Admission
from ix.api.middleware.auth import caller_of
from ix.api.problems import Problem
from ix.api.routing import fields
from ix.api.services import Services
from ix.api.submission import encodings
from ix.api.submission.configured import Unresolved
from ix.api.submission.reading import JSON, MULTIPART, Body, Read, decoded, media_type, single, submissions
from ix.config import Settings
from ix.job import Submission

SMALL_BYTES = 256 * 1024
"""Largest body that is read on the event loop."""
TINY_BYTES = 16 * 1024
"""Largest one that cannot hold many values."""
PLAIN = JSON.encode()
"""What most clients declare; nothing else needs to be looked at then."""
FEW_VALUES = 10_000
"""Most values and names of a body that is read there: so many take about 20 ms."""
SLICE_SECONDS = 0.005
"""How long submissions of a batch are read before the event loop may serve other requests."""


async def read(request: Request, services: Services) -> Submission:
    """The submission in the body of a request. Raises `Problem`: 400, 413, 415, 422 or 503."""
    body = await _received(request, services.settings)
    caller = caller_of(request)
    if small := _small(body):
        try:
            return single(small, services.settings, services.use_cases, caller, {})
        except Unresolved as unresolved:
            known = await services.configurations.resolve(unresolved.named)
            return single(small, services.settings, services.use_cases, caller, {}, known)
    [one] = await _large(request, body, services)
    # only a batch tells of problems one by one
    assert isinstance(one, Submission)
    return one


async def read_batch(request: Request, services: Services) -> AsyncIterator[Read]:
    """Each submission in the body of a request, or why it is none. Raises `Problem` as `read` does."""
    body = await _received(request, services.settings, many=True)
    if not (small := _small(body)):
        for one in await _large(request, body, services):
            yield one
        return
    started = perf_counter()
    for one in await _each(request, small, services):
        yield one
        if perf_counter() - started > SLICE_SECONDS:
            await asyncio.sleep(0)
            started = perf_counter()


async def _each(request: Request, body: Body, services: Services) -> Iterator[Read]:
    """Each submission of a small batch."""
    told = services.settings, services.use_cases, caller_of(request)
    try:
        found = submissions(body, *told, {})
        # nothing is read before the first is asked for
        first = next(found, None)
    except Unresolved as unresolved:
        return submissions(body, *told, {}, await services.configurations.resolve(unresolved.named))
    return chain(() if first is None else (first,), found)


async def _received(request: Request, settings: Settings, many: bool = False) -> Body:
    given = fields(request.scope)
    declared = given.get(b"content-type", b"")
    if declared == PLAIN and b"content-encoding" not in given:
        return Body(await _bytes(request), JSON, "", many)
    content_type = declared.decode("latin-1")
    if (kind := media_type(content_type)) != JSON and (many or kind != MULTIPART):
        # `accept` tells what would have been taken (RFC 9110, 15.5.16)
        accepted = [JSON] if many else [JSON, MULTIPART]
        raise Problem(415, f"content-type: send {' or '.join(accepted)}", headers={"accept": ", ".join(accepted)})
    encoding = given.get(b"content-encoding", b"").decode("latin-1").strip().lower()
    if encoding not in ("", "identity", *encodings.GZIP):
        raise Problem(415, "content-encoding: send gzip, or none", headers={"accept-encoding": "gzip"})
    return Body(await _bytes(request), content_type, "gzip" if encoding in encodings.GZIP else "", many)


async def _large(request: Request, body: Body, services: Services) -> list[Read]:
    try:
        found = await services.large_bodies.read(body, caller_of(request))
    except Unresolved as unresolved:
        known = await services.configurations.resolve(unresolved.named)
        found = await services.large_bodies.read(body, caller_of(request), known)
    if body.encoding:
        # what was unpacked counts as if it had come so
        admission: Admission = request.scope["ix.admission"]
        admission.forget_body()
        admission.count_body(sum(one.size() for one in found if isinstance(one, Submission)))
    return found


def _small(body: Body) -> Body | None:
    """The body, unpacked, if it may be read on the event loop."""
    if body.encoding:
        if len(body.content) > TINY_BYTES:
            return None
        try:
            body = decoded(body, SMALL_BYTES)
        except Problem as problem:
            if problem.status != 413:
                raise
            # large when it is unpacked: the child says whether it is too large
            return None
    size = len(body.content)
    is_light = size <= TINY_BYTES or (size <= SMALL_BYTES and untrusted.most_values(body.content) <= FEW_VALUES)
    return body if is_light else None


async def _bytes(request: Request) -> bytes:
    # not request.body(), which would keep a copy for as long as the answer is held
    pieces, more = [], True
    while more:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        pieces.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(pieces)
