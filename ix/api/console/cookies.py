"""The session's cookie: random, for this host alone, out of reach of scripts, and never sent by another site's page.

Over HTTPS it is `__Host-ix`, which only this host, over HTTPS, can have set (RFC 6265bis, 4.1.3.2). Over plain HTTP
there is one on the machine itself only, where nobody listens between: it carries the port in its name, since cookies of
all ports are one, and is sent below the console's path alone, so that other programs on this machine do not see it."""

from __future__ import annotations

import hashlib
import re
import secrets

from starlette.types import Scope

from ix.api.middleware.loopback import is_here, parsed
from ix.api.middleware.proxies import root_of
from ix.api.problems import Problem
from ix.api.routing import header, headers

_TOKEN = re.compile(rb"[A-Za-z0-9_-]{43}")
SAFE_NAME = "__Host-ix"
LOCAL_NAME = "ix-local"
NEEDS_HTTPS = (
    "signing in needs HTTPS: set IX_TLS_CERT, or name the proxy that has it in IX_TRUSTED_PROXIES; over plain HTTP the "
    "console is for the machine itself, under localhost or 127.0.0.1"
)


def new_token() -> str:
    """What a cookie holds: 256 random bits."""
    return secrets.token_urlsafe(32)


def digest(token: str) -> bytes:
    """What the database holds of it."""
    return hashlib.sha256(token.encode()).digest()


def require_safe(scope: Scope) -> None:
    """Raises `Problem` 403 where a cookie could be read on its way."""
    if _name(scope) is None:
        raise Problem(403, NEEDS_HTTPS)


def read(scope: Scope) -> str:
    """The token that a request carries; empty for none, and for several, of which somebody else may have set one."""
    name = _name(scope)
    found = _values(scope, name.encode()) if name else []
    return found[0].decode() if len(found) == 1 and _TOKEN.fullmatch(found[0]) else ""


def value_of(scope: Scope, label: str) -> str:
    """The value of the console's cookie of another `label`; empty for none, and for several."""
    name = _name(scope, label)
    found = _values(scope, name.encode()) if name else []
    return found[0].decode("latin-1") if len(found) == 1 else ""


def written(scope: Scope, value: str, seconds: int, label: str = "", same_site: str = "Strict") -> str:
    """The `Set-Cookie` field for a value, or with 0 seconds for none. Raises `Problem` 403 where a cookie could be read
    on its way."""
    require_safe(scope)
    name = _name(scope, label)
    # a cookie with this prefix is for all paths
    place = "Path=/; Secure" if scope["scheme"] == "https" else f"Path={_folder(scope)}"
    return f"{name}={value}; {place}; HttpOnly; SameSite={same_site}; Max-Age={seconds}"


def _folder(scope: Scope) -> str:
    root = root_of(scope)
    return f"{root.removesuffix('/console/api')}/console"


def _name(scope: Scope, label: str = "") -> str | None:
    """The cookie's name under the address of a request; None where there is none, since others could read it."""
    if scope["scheme"] == "https":
        return SAFE_NAME + label
    host = header(scope, b"host") or b""
    # whoever is on the way could read it, and set another
    if not is_here(host):
        return None
    found = parsed(host)
    return f"{LOCAL_NAME}{label}-{found.port if found and found.port else 80}"


def _values(scope: Scope, name: bytes) -> list[bytes]:
    # not by a parser of cookies: those of other programs on this host need not be right
    pairs = (pair.strip().partition(b"=") for field in headers(scope, b"cookie") for pair in field.split(b";"))
    return [value for found, _, value in pairs if found == name]
