"""The only door out to addresses that a client named: callbacks and document URLs.

For now the door is a list: a host that `IX_ALLOW_HOSTS` does not name is refused when the job is submitted and again when the door is used.
No redirects are followed, no proxies are read from the environment, answers are capped, and every call has a total deadline.
"""

from __future__ import annotations

import asyncio
import re
from http.cookiejar import CookieJar, DefaultCookiePolicy
from urllib.parse import urlsplit

import httpx

from ix.config import Settings
from ix.errors import DocumentError, InvalidInput, IxError

DEFAULT_PORTS = {"http": 80, "https": 443}
_MISREAD = re.compile(r"[\s\\\x00-\x1f\x7f]")
"""What readers of addresses disagree about: urlsplit drops tabs and line breaks, some take a backslash for a slash."""


class Refused(IxError):
    """The receiver, or the way to it, did not take the delivery."""


class Outbound:
    """HTTP to the hosts that the settings allow."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        # cookies of one client's receiver are no business of another's; each call has a total deadline
        no_cookies = CookieJar(DefaultCookiePolicy(allowed_domains=()))
        self._client = httpx.AsyncClient(trust_env=False, follow_redirects=False, timeout=None, cookies=no_cookies)  # noqa: S113

    async def aclose(self) -> None:
        """Closes connections."""
        await self._client.aclose()

    async def post(self, url: str, body: bytes) -> None:
        """Posts JSON within `callback_timeout`. Raises `Refused` unless the answer is 2xx, saying why without the answer's text."""
        try:
            check_address(url, self._settings)
            async with asyncio.timeout(self._settings.callback_timeout):
                answer = await self._send("POST", url, body)
        except InvalidInput as error:
            raise Refused(error.message) from None
        except TimeoutError:
            raise Refused(f"no answer within {self._settings.callback_timeout:g} s") from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise Refused(type(error).__name__) from None
        if not answer.is_success:
            raise Refused(f"answered {answer.status_code}")

    async def fetch(self, url: str) -> bytes:
        """The bytes at `url`, at most `max_document_bytes`, within `fetch_timeout`. Raises `DocumentError`."""
        try:
            check_address(url, self._settings)
            async with asyncio.timeout(self._settings.fetch_timeout), self._client.stream("GET", url) as answer:
                if answer.status_code != 200:
                    raise DocumentError(f"the document's address answered {answer.status_code}", code="document_unreachable")
                return await self._capped(answer)
        except InvalidInput as error:
            raise DocumentError(f"the document's address {error.message}", code="document_unreachable") from None
        except TimeoutError:
            late = f"the document's address did not answer within {self._settings.fetch_timeout:g} s"
            raise DocumentError(late, code="document_unreachable", retryable=True) from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            failed = f"the document's address failed: {type(error).__name__}"
            raise DocumentError(failed, code="document_unreachable", retryable=True) from None

    async def _send(self, method: str, url: str, body: bytes) -> httpx.Response:
        async with self._client.stream(method, url, content=body, headers={"content-type": "application/json"}) as answer:
            return answer

    async def _capped(self, answer: httpx.Response) -> bytes:
        body = bytearray()
        async for chunk in answer.aiter_bytes():
            body += chunk
            if len(body) > self._settings.max_document_bytes:
                raise DocumentError(f"the document is larger than {self._settings.max_document_bytes} bytes", code="document_too_large")
        return bytes(body)


def check_address(url: str, settings: Settings) -> None:
    """Raises `InvalidInput` (with an empty field) unless `url` is http or https to a host that `IX_ALLOW_HOSTS` names.

    A name without a port stands for every port; case does not matter; IPv6 addresses with a port stand in brackets."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise InvalidInput("", "is not an address") from None
    if parts.scheme not in DEFAULT_PORTS or not host or parts.username is not None or _MISREAD.search(url):
        raise InvalidInput("", "must be an http or https address without credentials")
    named = f"[{host}]" if ":" in host else host
    full = f"{named}:{DEFAULT_PORTS[parts.scheme] if port is None else port}"
    if {host, named, full}.isdisjoint(map(str.lower, settings.allow_hosts)):
        raise InvalidInput("", f"names the host {host}, which IX_ALLOW_HOSTS does not allow")
