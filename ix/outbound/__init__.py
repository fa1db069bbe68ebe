"""The only way out to addresses that a client named: callbacks and document URLs.

A host is used only if every address that it resolves to is plain, global and unicast, or if `IX_ALLOW_HOSTS` names it,
as it must for receivers inside one's own network. What an address says of itself is checked when the job is submitted,
where it leads when it is used. No redirects are followed, no proxies are read from the environment, answers are capped,
and every call has a total deadline."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from functools import partial
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import IO
from urllib.parse import urlsplit

import httpcore
import httpx

from ix.config import Settings
from ix.errors import DocumentError, InvalidInput, IxError
from ix.outbound.network import CheckedNetwork, Forbidden
from ix.outbound.unicast import is_plain, literal

NO_HEADERS: Mapping[str, str] = {}
DEFAULT_PORTS = {"http": 80, "https": 443}
CHUNK = 65_536
"""Bytes that are written at once."""
_MISREAD = re.compile(r"[\s\\\x00-\x1f\x7f]")
"""What readers of addresses disagree about: urlsplit drops tabs and line breaks, some take a backslash for a slash."""


class Refused(IxError):
    """Nobody answered, or the way there is not to be taken."""


class Outbound:
    """HTTP to the hosts that the settings allow."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._client = httpx.AsyncClient(
            transport=_transport(settings),
            trust_env=False,
            follow_redirects=False,
            timeout=None,  # noqa: S113 - each call has a total deadline
            headers={"accept-encoding": "identity"},
            # cookies of one client's receiver are no business of another's
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
        )

    async def aclose(self) -> None:
        """Closes the connections that are kept open."""
        await self._client.aclose()

    async def post(
        self, url: str, body: bytes, headers: Mapping[str, str] = NO_HEADERS
    ) -> tuple[int, Mapping[str, str]]:
        """The status and headers that answer `body`, within `callback_timeout`. Raises `Refused` where there is no
        answer, saying why."""
        try:
            check_address(url, self._settings)
            async with (
                asyncio.timeout(self._settings.callback_timeout),
                self._client.stream("POST", url, content=body, headers=headers) as answer,
            ):
                return answer.status_code, answer.headers
        except (InvalidInput, Forbidden) as error:
            raise Refused(str(error)) from None
        except TimeoutError:
            raise Refused(f"no answer within {self._settings.callback_timeout:g} s") from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise Refused(type(error).__name__) from None

    async def fetch_into(self, url: str, into: IO[bytes]) -> int:
        """Writes the bytes at `url`, at most `max_document_bytes`, within `fetch_timeout`, and says how many. Raises
        `DocumentError`."""
        try:
            check_address(url, self._settings)
            async with asyncio.timeout(self._settings.fetch_timeout), self._client.stream("GET", url) as answer:
                if answer.status_code != 200:
                    raise DocumentError(
                        f"the document's address answered {answer.status_code}", code="document_unreachable"
                    )
                return await self._capped(answer, into)
        except (InvalidInput, Forbidden) as error:
            raise DocumentError(
                f"the document's address cannot be used: {error}", code="document_unreachable"
            ) from None
        except TimeoutError:
            late = f"the document's address did not answer within {self._settings.fetch_timeout:g} s"
            raise DocumentError(late, code="document_unreachable", retryable=True) from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            failed = f"the document's address failed: {type(error).__name__}"
            raise DocumentError(failed, code="document_unreachable", retryable=True) from None

    async def _capped(self, answer: httpx.Response, into: IO[bytes]) -> int:
        size = 0
        # counted as they come: a length that is announced need not be true
        async for chunk in answer.aiter_bytes(CHUNK):
            size += into.write(chunk)
            if size > self._settings.max_document_bytes:
                raise DocumentError(
                    f"the document is larger than {self._settings.max_document_bytes} bytes", code="document_too_large"
                )
        return size


def check_address(url: str, settings: Settings) -> None:
    """Raises `InvalidInput` (with an empty field) for what is no http or https address, or spells out an address that
    is not public."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        raise InvalidInput("", "is not an address") from None
    if parts.scheme not in DEFAULT_PORTS or not host:
        raise InvalidInput("", "must be an http or https address")
    if parts.username is not None:
        raise InvalidInput("", "must be an http or https address without credentials")
    if _MISREAD.search(url):
        raise InvalidInput("", "holds white space, a backslash or a control character: write it percent-encoded")
    if _is_allowed(settings, host, port or DEFAULT_PORTS[parts.scheme]):
        return
    address = literal(host)
    if host == "localhost" or host.endswith(".localhost") or (address is not None and not is_plain(address)):
        raise InvalidInput("", f"names the host {host}, which is not public; IX_ALLOW_HOSTS can allow it")


def _is_allowed(settings: Settings, host: str, port: int) -> bool:
    """Whether `IX_ALLOW_HOSTS` names the host, alone or with this port. Case does not matter; an IPv6 address with a
    port has brackets."""
    named = f"[{host}]" if ":" in host else host
    return not {host.lower(), named.lower(), f"{named}:{port}".lower()}.isdisjoint(map(str.lower, settings.allow_hosts))


def _transport(settings: Settings) -> httpx.AsyncHTTPTransport:
    context = httpx.create_ssl_context(trust_env=False)
    transport = httpx.AsyncHTTPTransport(verify=context, trust_env=False)
    # httpx has no parameter for it yet
    transport._pool = httpcore.AsyncConnectionPool(
        ssl_context=context, max_connections=100, network_backend=CheckedNetwork(partial(_is_allowed, settings))
    )
    return transport
