"""What a service without keys answers: programs and pages of its own machine, and nobody else.

Its address is loopback, but requests of others come there too: through a proxy that stands on the same machine, and
from a browser on it that shows a page of another site, under that site's name (Origin) or, with DNS rebinding, under
one that the site made lead here (Host)."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from starlette.responses import Response
from starlette.types import Scope

from ix.api.problems import Problem
from ix.api.routing import fields, header, headers
from ix.config import Settings
from ix.config.addresses import PORTS, is_loopback

MAKE_ONE = "make a key: `ix keys add CLIENT`, then send it along: `Authorization: Bearer ix_…`"
"""What to do about a refusal."""
CLIENTS_ADDRESS = frozenset(
    (
        *(b"client-ip", b"incap-client-ip", b"remote-addr", b"true-client-ip", b"x-client-ip", b"x-cluster-client-ip"),
        *(b"x-coming-from", b"x-forward-for", b"x-host", b"x-http-host-override", b"x-proxyuser-ip", b"x-real-ip"),
        *(b"x-remote-addr", b"x-remote-ip", b"x-rewrite-url", b"x-scheme", b"x-true-ip", b"x-user-ip"),
    )
)
"""Fields in which proxies tell for whom they ask, and under which address they were asked."""
THE_PROXYS_OWN = frozenset((b"cdn-loop", b"surrogate-capability", b"via", b"x-cloud-trace-context", b"x-via"))
"""Fields that say no more than that a proxy was there."""
FAMILIES = (
    *(b"akamai-", b"ali-", b"cf-", b"fastly-", b"fly-", b"forwarded", b"ngrok-", b"proxy-", b"tailscale-"),
    *(b"wl-proxy-", b"x-akamai-", b"x-amz-cf-", b"x-amzn-", b"x-appengine-", b"x-arr-", b"x-azure-", b"x-bluecoat-"),
    *(b"x-envoy-", b"x-forwarded", b"x-google-", b"x-haproxy-", b"x-nginx-", b"x-original-", b"x-originating-"),
    *(b"x-proxy-", b"x-sucuri-", b"x-traefik-", b"x-varnish", b"x-vercel-", b"z-forwarded"),
)
"""Beginnings of names that all are some proxy's: `x-forwarded` stands for all of X-Forwarded-For, -Host, -Proto, ….
X-Request-Id and traceparent are missing, since programs on this machine send them too."""
MOST_CHARACTERS = 262
"""Of a name in the DNS and a port (RFC 1035, 2.3.4), and more than any field's name here."""
_PLAIN = frozenset(
    (
        *(b"host", b"user-agent", b"accept", b"accept-encoding", b"accept-language", b"connection", b"content-type"),
        *(b"content-length", b"authorization", b"prefer", b"traceparent", b"transfer-encoding", b"last-event-id"),
    )
)
"""Fields that say nothing of where a call comes from."""
_TRACES = CLIENTS_ADDRESS | THE_PROXYS_OWN
# name and port of a Host field (RFC 9110, 7.2; RFC 3986, 3.2.2); it may be empty
_HOST = re.compile(rb"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~!$&'()*+,;=%-]*)(?::([0-9]{0,5}))?")
_PLAIN_HOST = re.compile(rb"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::[0-9]{1,5})?")
_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>ix: a key is needed</title>
<h1>ix serves its own machine only</h1>
<p>It has no keys yet, and {reason}.</p>
<p>To let others in, make a key on the machine that it runs on:</p>
<pre>ix keys add CLIENT</pre>
<p>From then on every call carries it: <code>Authorization: Bearer ix_…</code></p>
</html>
"""


class Host(NamedTuple):
    """A Host field's name, in small letters, and its port; empty where none is named."""

    name: str
    port: str


class Refusal(Problem):
    """A call of a service without keys that is not its own machine's: for browsers, a page."""

    def __init__(self, scope: Scope, status: int, reason: str, headers: dict[str, str] | None = None) -> None:
        detail = f"ix has no keys yet and serves its own machine only, and {reason}; {MAKE_ONE}"
        # the answer changes with the first key
        super().__init__(status, detail, headers={**(headers or {}), "cache-control": "no-store"})
        self._reason = reason
        self._wants_page = any(name == b"accept" and b"text/html" in value.lower() for name, value in scope["headers"])

    def answer(self) -> Response:
        """The problem document, or the page for whoever asks for pages."""
        if not self._wants_page:
            return super().answer()
        safe = {"content-security-policy": "default-src 'none'", "x-content-type-options": "nosniff"}
        return Response(_PAGE.format(reason=self._reason), self.status, {**self.headers, **safe}, "text/html")


def require_host(scope: Scope) -> None:
    """Raises `Problem` 400 for a request that does not say which host it is for, in one way only (RFC 9112, 3.2): who
    stands before ix may have read another one."""
    hosts = headers(scope, b"host")
    if len(hosts) == 1 and is_here(hosts[0]):
        return
    if len(hosts) > 1 or not (hosts or scope.get("http_version") == "1.0"):
        raise Problem(400, f"host: the request has {'several' if hosts else 'no'} Host fields; send one")
    if hosts and parsed(hosts[0]) is None:
        raise Problem(400, "host: the Host field names no host")


def refusal(scope: Scope, settings: Settings) -> Refusal | None:
    """Why a service without keys does not answer a request; None for one of its own machine."""
    if not settings.serves_loopback_only:
        # the challenge: whoever comes with a key is let in (RFC 9110, 15.5.2)
        return Refusal(scope, 401, "it listens where others reach it", {"www-authenticate": "Bearer"})
    reason = _foreign(scope)
    return Refusal(scope, 403, reason) if reason else None


def _foreign(scope: Scope) -> str:
    """What shows that a request is not of this machine's own; empty for nothing."""
    client = scope.get("client")
    # the kernel may lead packets of others to a loopback address (route_localnet)
    if client and not is_loopback(client[0]):
        return "this call comes from another machine"
    # what programs send with every call: nothing to look at but the host
    if _PLAIN.issuperset(fields(scope)):
        return "" if is_here(header(scope, b"host") or b"") else "this call is for a host of another name"
    hosts, origins = [], []
    for name, value in scope["headers"]:
        # what is remembered is short, whatever comes
        if _is_trace(name[:MOST_CHARACTERS]):
            return "this call came through a proxy"
        if name == b"host":
            hosts.append(value)
        elif name == b"origin":
            origins.append(value)
        # browsers say whose page is calling (https://www.w3.org/TR/fetch-metadata/); other programs send no such field
        elif name == b"sec-fetch-site" and value not in (b"none", b"same-origin"):
            return "a page of another site is calling"
    host = parsed(hosts[0]) if len(hosts) == 1 else None
    if host is None or not _leads_here(host.name):
        return "this call is for a host of another name"
    if any(not is_own(origin, scope["scheme"], host) for origin in origins):
        return "a page of another site is calling"
    return ""


@lru_cache(maxsize=1024)
def _is_trace(name: bytes) -> bool:
    # a proxy that writes environment variables from fields takes one for the other
    plain = name.replace(b"_", b"-")
    return plain in _TRACES or plain.startswith(FAMILIES)


def parsed(value: bytes) -> Host | None:
    """A Host field's value; None for what is none."""
    return _parsed(value) if len(value) <= MOST_CHARACTERS else None


@lru_cache(maxsize=256)
def _parsed(value: bytes) -> Host | None:
    found = _HOST.fullmatch(value)
    if found is None or int(found[2] or 0) > 65535:
        return None
    return Host(found[1].decode().lower(), (found[2] or b"").decode())


def is_here(value: bytes) -> bool:
    """Whether a Host field's value leads to the machine itself."""
    return len(value) <= MOST_CHARACTERS and _is_here(value)


@lru_cache(maxsize=256)
def _is_here(value: bytes) -> bool:
    host = parsed(value)
    return host is not None and _leads_here(host.name)


def is_host(value: bytes) -> bool:
    """Whether a Host field's value may stand in an address as it is."""
    return _PLAIN_HOST.fullmatch(value) is not None


def _leads_here(name: str) -> bool:
    """Whether a name leads to the machine on which it is looked up, whoever answers. Names without a dot may be those
    of a network's other machines, and 127.0.0.1.nip.io is anybody's."""
    return is_loopback(name[1:-1] if name.startswith("[") else name)


def is_own(origin: bytes, scheme: str, host: Host) -> bool:
    """Whether a page is this service's own. `null` is that of a page that has no site, or hides it."""
    theirs, _, rest = origin.lower().partition(b"://")
    other = parsed(rest) if rest else None
    port = str(PORTS.get(scheme, ""))
    return (
        other is not None
        and theirs.decode("latin-1") == scheme
        and other.name == host.name
        and (other.port or port) == (host.port or port)
    )
