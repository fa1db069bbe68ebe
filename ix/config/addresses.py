"""Settings that name addresses: of proxies, of sites, of web itself."""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache
from urllib.parse import urlsplit

PORTS = {"http": 80, "https": 443}
"""What a scheme's port is where none is named."""
_LOCALHOST = re.compile(r"(?:[a-z0-9_-]+\.)*localhost")
_PREFIX = re.compile(r"(?:/[A-Za-z0-9._~-]+)+")


def networks(given: tuple[str, ...]) -> tuple[str, ...]:
    """Addresses and networks as they are written in full. Raises `ValueError` naming the one that is none."""
    return tuple(str(_network(one)) for one in given)


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    try:
        return ipaddress.ip_network(text)
    except ValueError:
        raise ValueError(f"{text!r} is no address and no network such as 10.0.0.0/8") from None


def prefix(given: str) -> str:
    """A path without the slash at its end. Raises `ValueError` for what is none."""
    path = given.rstrip("/")
    if path and not is_prefix(path):
        raise ValueError(f"{given!r} is no path such as /ix")
    return path


def is_prefix(path: str) -> bool:
    """Whether a path may stand before those of ix: plain segments, none of which leads elsewhere."""
    return bool(_PREFIX.fullmatch(path)) and not {".", ".."} & set(path.split("/"))


def origins(given: tuple[str, ...]) -> tuple[str, ...]:
    """Origins as browsers write them, or `*` alone. Raises `ValueError` naming the one that is none."""
    if "*" in given:
        if len(given) > 1:
            raise ValueError("* is every site; name it alone")
        return given
    return tuple(map(_origin, given))


def _origin(text: str) -> str:
    try:
        parts = urlsplit(text.lower())
        port = parts.port
    except ValueError:
        raise ValueError(f"{text!r} is no origin such as https://app.example") from None
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    origin = f"{parts.scheme}://{host}" + (f":{port}" if port not in (None, PORTS.get(parts.scheme)) else "")
    # whatever else it holds (a path, a user) is no part of an origin (RFC 6454, 7)
    if parts.scheme not in PORTS or not host or text.lower() not in (origin, f"{origin}:{port}"):
        raise ValueError(f"{text!r} is no origin such as https://app.example")
    return origin


def issuer(given: str) -> str:
    """The address of an OpenID provider, as it stands (OpenID Connect Discovery 1.0, 4). Raises `ValueError` for what
    is none, and for plain HTTP to another machine, over which anybody on the way could let anybody in."""
    if not given:
        return given
    try:
        parts = urlsplit(given)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        host = ""
    if not host or parts.scheme not in PORTS or parts.query or parts.fragment or parts.username is not None:
        raise ValueError(f"{given!r} is no address such as https://login.example/realms/office")
    if parts.scheme == "http" and not is_loopback(host):
        raise ValueError("must be https, except on this machine")
    return given


def store(given: str) -> str:
    """The address of an S3 server, which has no path. Raises `ValueError` for what is none."""
    return _origin(given.removesuffix("/")) if given else given


def bare(host: str) -> str:
    """An address without the brackets that stand around those of IPv6 elsewhere."""
    return host[1:-1] if host.startswith("[") and host.endswith("]") else host


def plain(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """An address, None for what is none; one of IPv4 is the same in the clothes of IPv6 (RFC 4291, 2.5.5.2)."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


# asked for each request of a service without keys
@lru_cache(maxsize=1024)
def is_loopback(host: str) -> bool:
    """Whether only this machine reaches a name or an address."""
    name = host.lower().removesuffix(".")
    if (address := plain(name)) is None:
        # names below localhost lead here too, by decree (RFC 6761, 6.3)
        return bool(_LOCALHOST.fullmatch(name))
    return address.is_loopback
