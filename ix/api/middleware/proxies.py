"""What trusted proxies say of a request: who sent it, and under which scheme, host and path. Of everybody else's word
nothing is believed.

Each proxy adds to the right of a list, so the list is read from there: whom the last trusted one names is the client.
Proxies speak X-Forwarded-* or Forwarded (RFC 7239), and most pass the other one on as the client sent it: a request
that carries both must say the same in both."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ix.api.middleware.admission import ALWAYS
from ix.api.middleware.loopback import is_host
from ix.api.problems import Problem
from ix.api.routing import FIELDS, header
from ix.config import Settings
from ix.config.addresses import PORTS, is_prefix, plain

ROOT = "ix.root"
"""Where the scope holds the path under which a proxy serves ix; the routes never see it."""
SAID = frozenset((b"forwarded", b"x-forwarded-for", b"x-forwarded-proto", b"x-forwarded-host", b"x-forwarded-prefix"))
# an element of Forwarded: pairs with `;` between them, whose values may stand in quotes (RFC 7239, 4)
_PAIR = r"[A-Za-z]+=(?:[^\s,;\"=]+|\"(?:[^\"\\]|\\.)*\")"
_ELEMENT = re.compile(rf"\s*({_PAIR}(?:\s*;\s*{_PAIR})*)\s*")
_PAIRS = re.compile(r"([A-Za-z]+)=(?:\"((?:[^\"\\]|\\.)*)\"|([^\s,;\"=]+))")
# IPv4, IPv6 in brackets or not, with a port or not
_NODE = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([0-9.]+))(?::([0-9]{1,5}))?|([0-9A-Fa-f:.]+)")
_MALFORMED = Problem(400, "forwarded: the proxy sends what is no Forwarded field")
_AT_ODDS = Problem(
    400,
    "forwarded: what the proxy says with Forwarded and with X-Forwarded-* differs; let it set one and remove the other",
)


Trusts = Callable[[str], bool]


class Seen(NamedTuple):
    """A request as its client sent it. `host` is empty where nobody named another one, as is `root`."""

    client: tuple[str, int]
    scheme: str
    host: str
    root: str


class Proxies:
    """ASGI middleware, outermost: whatever comes after it sees requests as their clients sent them, and its addresses
    get what the proxies take away."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self._root = settings.root_path
        self._trusts = trusting(settings.trusted_proxies) if settings.trusted_proxies else None

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Passes a request on, or answers 400 where what a proxy says is at odds with itself."""
        # no coroutine of its own, through which all of the request would pass, where there is nothing to do
        is_plain = self._trusts is None and not self._root and not scope.get("root_path")
        if is_plain or scope["type"] != "http":
            return self.app(scope, receive, send)
        return self._pass_on(scope, receive, send)

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send) -> None:
        seen, refusal = None, None
        try:
            seen = self._seen(scope)
        except Problem as problem:
            refusal = problem.answer()
        root = self._adopt(scope, seen)
        if refusal is not None and scope["path"] not in ALWAYS:
            await refusal(scope, receive, send)
        else:
            await self.app(scope, receive, _rooted(send, root.encode()) if root else send)

    def _seen(self, scope: Scope) -> Seen | None:
        client = scope.get("client")
        if self._trusts is None or client is None or not self._trusts(client[0]):
            return None
        said: dict[bytes, list[str]] = {}
        for name, value in scope["headers"]:
            if name in SAID:
                said.setdefault(name, []).append(value.decode("latin-1"))
        return said_of(scope, said, self._trusts) if said else None

    def _adopt(self, scope: Scope, seen: Seen | None) -> str:
        """Puts into the scope what was said, and takes the root away from the path. Returns the root."""
        given = scope.get("root_path", "")
        root = self._root or given
        if root and scope["path"].startswith(f"{root}/"):
            scope["path"] = scope["path"][len(root) :]
        if given:
            # Starlette would look for it in each path
            scope["root_path"] = ""
        if seen is not None:
            scope["client"], scope["scheme"] = seen.client, seen.scheme
            root = seen.root or root
            if seen.host:
                others = [field for field in scope["headers"] if field[0] != b"host"]
                scope["headers"] = [(b"host", seen.host.encode()), *others]
                scope.pop(FIELDS, None)
        if root:
            scope[ROOT] = root
        return root


def root_of(scope: Scope) -> str:
    """The path under which a proxy serves ix, to be put before every path of an address; empty for none."""
    root: str = scope.get(ROOT, "")
    return root


def trusting(networks: Sequence[str]) -> Trusts:
    """Whether an address is a trusted proxy's."""
    known = [ipaddress.ip_network(one) for one in networks]

    @lru_cache(maxsize=4096)
    def trusts(address: str) -> bool:
        found = plain(address)
        return found is not None and any(found in network for network in known)

    return trusts


def said_of(scope: Scope, said: Mapping[bytes, Sequence[str]], trusts: Trusts) -> Seen:
    """What the fields of a trusted proxy's request say. Raises `Problem` where they are at odds, or are none."""
    lists = {name: _listed(values) for name, values in said.items() if name != b"forwarded"}
    spoken = _by_forwarded(scope, said[b"forwarded"], trusts) if b"forwarded" in said else None
    if spoken is not None and not lists:
        return spoken
    written = _by_lists(scope, lists, trusts)
    if spoken is not None and _claims(scope, spoken) != _claims(scope, written):
        raise _AT_ODDS
    return written


def _claims(scope: Scope, seen: Seen) -> tuple[str, str, str]:
    host = seen.host or (header(scope, b"host") or b"").decode("latin-1")
    return seen.client[0], seen.scheme, host.lower()


def _by_lists(scope: Scope, lists: Mapping[bytes, Sequence[str]], trusts: Trusts) -> Seen:
    client, passed = _client(scope, lists.get(b"x-forwarded-for", ()), trusts)
    # what stands before the values of the proxies that the request passed is the client's own
    proto, host = (lists.get(name, ())[-passed:][:1] for name in (b"x-forwarded-proto", b"x-forwarded-host"))
    # each that takes something away from the path says what
    root = "".join(part.rstrip("/") for part in lists.get(b"x-forwarded-prefix", ())[-passed:])
    return Seen(client, _scheme(scope, *proto), _host(*host), root if is_prefix(root) else "")


def _by_forwarded(scope: Scope, values: Sequence[str], trusts: Trusts) -> Seen:
    elements = [element for value in values for element in _elements(value)]
    client, passed = _client(scope, [element.get("for", "") for element in elements], trusts)
    said: dict[str, str] = {}
    # the proxy next to the client knows best
    for element in reversed(elements[-passed:]):
        said |= element
    return Seen(client, _scheme(scope, said.get("proto", "")), _host(said.get("host", "")), "")


def _client(scope: Scope, chain: Sequence[str], trusts: Trusts) -> tuple[tuple[str, int], int]:
    """The client, and how many trusted proxies the request has passed. One that nobody knows ends the chain: as far as
    is known, the proxy that got its request is the client."""
    client, passed = scope["client"], 1
    for text in reversed(chain):
        if (address := _address(text)) is None:
            break
        client = address
        if not trusts(address[0]):
            break
        passed += 1
    return client, passed


def _listed(values: Sequence[str]) -> list[str]:
    return [part.strip() for value in values for part in value.split(",")]


def _elements(value: str) -> Iterator[Mapping[str, str]]:
    """The elements of one field. Raises `Problem` for what is none: a client may have opened a quote in which the
    proxy's word would vanish."""
    end = 0
    while found := _ELEMENT.match(value, end):
        yield {name.lower(): quoted or plain for name, quoted, plain in _PAIRS.findall(found[1])}
        end = found.end() + 1
        if value[end - 1 : end] != ",":
            break
    if end <= len(value):
        raise _MALFORMED


def _address(text: str) -> tuple[str, int] | None:
    """Address and port of a node; None for `unknown`, a made-up name, or nonsense."""
    found = _NODE.fullmatch(text)
    address = plain(found[1] or found[2] or found[4]) if found else None
    return (str(address), int(found[3] or 0)) if found and address else None


def _scheme(scope: Scope, proto: str = "") -> str:
    said = proto.lower()
    own: str = scope["scheme"]
    return said if said in PORTS else own


def _host(named: str = "") -> str:
    return named if is_host(named.encode("latin-1")) else ""


def _rooted(send: Send, root: bytes) -> Send:
    """Sends answers whose `Location` is where the client finds it."""

    async def send_rooted(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [
                (name, root + value if name == b"location" and value.startswith(b"/") else value)
                for name, value in message["headers"]
            ]
        await send(message)

    return send_rooted
