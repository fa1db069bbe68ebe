"""HTTP to a model server: JSON there, JSON back, under one deadline, and every way it can fail told as a `ModelError`.

No proxies are read from the environment and no redirects followed. Each question has a connection of its own, which
costs nothing beside the model's work, so that no stale one is met; when the caller is cancelled the connection is
closed, and the server stops the model.

Several addresses of servers alike may be given: where one does not answer, the next one is asked, and stays the one
until it fails too."""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Mapping, Sequence
from functools import cache, cached_property
from typing import Any

import httpx

from ix.config import MIB
from ix.errors import InvalidInput, ModelError
from ix.extraction.models._failures import RefusedRequest, missing, overloaded, truncated, unavailable
from ix.extraction.models._json import parse
from ix.telemetry import tracing
from ix.untrusted import retry_after

MAX_BYTES = 4 * MIB
"""Largest answer read. The longest answer of a model, 4,096 tokens with their escapes, is about 100 kB."""
MAX_SAID = 16 * 1024
"""So much of a failure is looked at, bytes."""
CONNECT_SECONDS = 5.0
"""Time limit of reaching the server; what it may take to answer is the caller's to say."""
_TOO_LONG = re.compile(
    rb"context.{0,24}(length|size|window)|exceed_context|prompt is too long", re.IGNORECASE | re.DOTALL
)
"""What Ollama, llama.cpp, vLLM and OpenAI say of a prompt that does not fit, with status 400 and sometimes 413, 422 or
500."""
_NO_CREDIT = re.compile(
    rb"insufficient_quota|exceeded your current quota|billing|insufficient (?:balance|credit)|credit balance",
    re.IGNORECASE,
)
"""What hosted servers say of an account without money, with 429 or 402: waiting changes nothing."""
_NO_MEMORY = re.compile(rb"out of memory|more system memory|cudaMalloc failed|unable to allocate", re.IGNORECASE)
"""What servers say, with 500, of a model that does not fit into their machine."""
_NO_EYES = re.compile(rb"image input|mmproj|multi-?modal", re.IGNORECASE)
"""What Ollama and llama.cpp say, with 500, of a picture that their model cannot take."""


class ModelServer:
    """A model server, at one of the comma-separated addresses of `url`. `name` is what messages call it, `variables`
    are the settings for it, that of its address first, and `cure` says what to do where it lacks the model."""

    def __init__(
        self, name: str, url: str, variables: Sequence[str], cure: str, headers: Mapping[str, str] | None = None
    ) -> None:
        self._name, self._variable, self._cure = name, variables[0], cure
        self._urls = [each.strip().rstrip("/") for each in url.split(",")]
        self._current = 0
        self._variables = " and ".join(variables)
        self._headers = headers or {}

    @property
    def url(self) -> str:
        """The address that is asked now."""
        return self._urls[self._current]

    @cached_property
    def _client(self) -> httpx.AsyncClient:
        """Made at the first question: in a child, which reads what servers say, there is none."""
        return httpx.AsyncClient(
            # nothing packed, so that MAX_BYTES is what arrives
            headers={"accept-encoding": "identity", **self._headers},
            timeout=httpx.Timeout(None, connect=CONNECT_SECONDS),
            limits=httpx.Limits(max_keepalive_connections=0),
            verify=_tls(),
            trust_env=False,
        )

    async def aclose(self) -> None:
        """Closes its connections; it is not used afterwards."""
        if "_client" in self.__dict__:
            await self._client.aclose()

    async def get(self, path: str, seconds: float) -> Any:
        """The JSON at `path` of the first address that has some. Raises `ModelError`."""
        return self.parsed(await self._anywhere("GET", path, None, seconds))

    async def post(self, path: str, body: bytes, seconds: float) -> bytes:
        """What answers `body`, which is JSON: JSON too, see `parsed`. Raises `ModelError`."""
        return await self._anywhere("POST", path, body, seconds)

    async def _anywhere(self, method: str, path: str, body: bytes | None, seconds: float) -> bytes:
        for left in reversed(range(len(self._urls))):
            asked = self._current
            try:
                return await self._ask(self._request(method, path, body), seconds)
            except ModelError as error:
                if not (left and error.retryable):
                    raise
                # another question may have gone on already
                if asked == self._current:
                    self._current = (asked + 1) % len(self._urls)
        raise AssertionError

    def _request(self, method: str, path: str, body: bytes | None) -> httpx.Request:
        headers = {"content-type": "application/json"} if body is not None else {}
        return self._client.build_request(method, self._address(path), content=body, headers=headers)

    def parsed(self, body: bytes) -> Any:
        """The JSON in a server's answer. Raises `ModelError`."""
        try:
            return parse(body)
        except InvalidInput:
            raise unavailable(f"{self._name} did not answer with JSON: see what runs at {self._variable}") from None

    async def _ask(self, request: httpx.Request, seconds: float) -> bytes:
        try:
            async with asyncio.timeout(seconds):
                answer, body = await self._exchange(request)
        except TimeoutError:
            cure = "raise IX_MODEL_TIMEOUT or use a smaller model"
            raise unavailable(f"{self._name} did not answer within {seconds:g} s: {cure}") from None
        # nothing was sent yet, so this says more than "broke off"
        except (httpx.ConnectError, httpx.ConnectTimeout):
            raise unavailable(f"{self._name} cannot be reached: start it, or correct {self._variable}") from None
        except (httpx.HTTPError, OSError) as error:
            raise unavailable(f"{self._name} broke off its answer ({type(error).__name__}): see its log") from None
        if answer.status_code != httpx.codes.OK:
            raise self._failure(answer.status_code, body, retry_after(answer.headers.get("retry-after", "")))
        return body

    async def _exchange(self, request: httpx.Request) -> tuple[httpx.Response, bytes]:
        request.headers.update(tracing.headers())
        answer = await self._client.send(request, stream=True)
        try:
            return answer, await self._capped(answer)
        finally:
            await answer.aclose()

    async def _capped(self, answer: httpx.Response) -> bytes:
        body = bytearray()
        # raw: unpacking would make more of a small body than MAX_BYTES
        async for chunk in answer.aiter_raw():
            body += chunk
            if len(body) > MAX_BYTES:
                said = f"{self._name} answered more than {MAX_BYTES} bytes"
                raise unavailable(f"{said}: see what runs at {self._variable}", retryable=False)
        return bytes(body)

    def _failure(self, status: int, body: bytes, after: float) -> ModelError:
        """What an answer with a status other than 200 means. `after` is what it says of trying again, seconds."""
        said = f"{self._name} answered {status}"
        # before the others, since servers report it with statuses that mean other things as well
        if status in (400, 413, 422, 500) and _TOO_LONG.search(body[:MAX_SAID]):
            return truncated(f"{said}: the prompt is longer than its context; give the model more, or send fewer pages")
        if status == httpx.codes.NOT_FOUND:
            return missing(f"{said}: {self._cure}")
        if status in (402, 429) and _NO_CREDIT.search(body[:MAX_SAID]):
            return unavailable(f"{said}: its account has no credit left; ask whoever pays for it", retryable=False)
        if status in (httpx.codes.TOO_MANY_REQUESTS, httpx.codes.SERVICE_UNAVAILABLE):
            return overloaded(f"{said}: it is busy; try again later, or lower IX_MODEL_SLOTS", after)
        if status >= httpx.codes.INTERNAL_SERVER_ERROR:
            if _NO_EYES.search(body[:MAX_SAID]):
                return RefusedRequest(f"{said}: its model takes no pictures: set IX_MODEL_IMAGES=off", "image input")
            memory = "the model needs more memory than its machine has; " if _NO_MEMORY.search(body[:MAX_SAID]) else ""
            return unavailable(f"{said}: {memory}see its log")
        why = body[:MAX_SAID].decode(errors="replace")
        return RefusedRequest(f"{said}: it refuses the request; check {self._variables}, and see its log", why)

    def _address(self, path: str) -> httpx.URL:
        try:
            # what is no part of its API, at its root
            base = self.url.removesuffix("/v1") if path.startswith("//") else self.url
            address = httpx.URL(f"{base}/{path.lstrip('/')}")
        except httpx.InvalidURL:
            address = httpx.URL()
        if address.scheme not in ("http", "https") or not address.host:
            raise unavailable(f"{self._variable} is not an http or https address", retryable=False)
        return address


@cache
def _tls() -> ssl.SSLContext:
    """Made once: it reads every root certificate, and health probes make a backend each."""
    return httpx.create_ssl_context(trust_env=False)


def at(value: Any, *steps: str | int) -> Any:
    """What stands in plain JSON at the end of the steps; None where there is nothing."""
    for step in steps:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def names_in(listing: Any, members: str, name: str) -> set[str]:
    """The names that a listing of models holds, whatever else stands in it."""
    models = at(listing, members)
    return {str(at(model, name)) for model in models} if isinstance(models, list) else set()
