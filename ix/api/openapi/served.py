"""The description as it is served: bytes that are made once, with the service's address put in as each client knows it,
and a tag by which a client knows that it has them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from ix.api.answers import has_already
from ix.api.openapi import page
from ix.api.openapi.document import document
from ix.api.openapi.operation import JSON
from ix.config import Settings
from ix.use_cases import UseCase

FRESH_SECONDS = 60
"""How long a client may use its copy before it asks whether that is still the one."""


class Static(NamedTuple):
    """Bytes of a media type, with further headers."""

    content: bytes
    media_type: str
    headers: Mapping[str, str]

    def answer(self, request: Request) -> Response:
        """200 with the bytes, or 304 to a client that has them (RFC 9110, 13.1.2)."""
        etag = f'"{hashlib.sha256(self.content).hexdigest()[:32]}"'
        # also those of a 304, which renews the client's copy (RFC 9110, 15.4.5)
        headers = {
            **self.headers,
            "etag": etag,
            "cache-control": f"max-age={FRESH_SECONDS}",
            "x-content-type-options": "nosniff",
        }
        if has_already(request, etag):
            return Response(status_code=304, headers=headers)
        return Response(self.content, 200, headers, self.media_type)


Form = Callable[[Mapping[str, Any]], bytes]
"""Writes the document down."""


class Description:
    """The description of an app's routes; each form of it is made when it is first asked for."""

    def __init__(self, routes: Sequence[BaseRoute], settings: Settings, use_cases: Mapping[str, UseCase]) -> None:
        self._routes = routes
        self._use_cases = use_cases
        self._public = settings.public_url.rstrip("/")
        self._own = settings.own_address
        self._forms: dict[tuple[Form, str], bytes] = {}

    def openapi(self, server: str = "") -> Static:
        """The OpenAPI 3.1 document, JSON, of the service at this address; the settings' own wins."""
        return Static(self._placed(to_json, server), JSON, {"vary": "origin"})

    def page(self, server: str = "") -> Static:
        """The document as HTML, under a policy that lets it load nothing."""
        return Static(
            self._placed(page.html, server),
            "text/html",
            {"content-security-policy": page.POLICY, "referrer-policy": "no-referrer"},
        )

    def _placed(self, form: Form, server: str) -> bytes:
        if self._public:
            return self._made(form, self._public)
        address = server or self._own
        # both stand in quotes, or neither does: a shell takes brackets for a pattern
        stand_in = "http://[ix.invalid]" if "[" in address else "http://ix.invalid"
        # replaced, not made anew: it takes long, and anybody may ask under any name
        return self._made(form, stand_in).replace(stand_in.encode(), address.encode())

    def _made(self, form: Form, server: str) -> bytes:
        if (form, server) not in self._forms:
            self._forms[form, server] = form(document(self._routes, server, self._use_cases))
        return self._forms[form, server]
