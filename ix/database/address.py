"""Addresses of a database: one may name several servers, of which one takes writes at a time.

Both forms are read, `postgres://u:p@a:1,b:2/ix` and `postgres://u:p@/ix?host=a:1,b:2`, and each server becomes an
address of its own: so every one gets its own time and is asked whatever the one before has answered, and whoever knows
single servers only, as dbmate does, can be led to the right one."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

SCHEMES = ("postgres", "postgresql")
ROLE = "target_session_attrs"
"""The parameter that says what a server must be; libpq's, and known to asyncpg."""


@lru_cache(maxsize=64)
def servers(url: str) -> tuple[str, ...]:
    """The address of each server that `url` names, in its order. Where they are several and nothing is said of what
    they must be, only one that takes writes will do.

    Raises `ValueError` for what is no address."""
    parts = urlsplit(url)
    if parts.scheme not in SCHEMES:
        raise ValueError("is not an address such as postgres://user:password@host:5432/database")
    account, at, places = parts.netloc.rpartition("@")
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    ports = query.get("port", "").split(",")
    named = places or query.get("host", "")
    if "," not in named:
        # as it came: it may name no server at all, and asyncpg knows where to look then
        _check_ports(*ports, named)
        return (url,)
    hosts = named.split(",")
    if len(ports) not in (1, len(hosts)):
        raise ValueError("names as many ports as servers, or one for all of them")
    rest = {name: value for name, value in query.items() if name not in ("host", "port")}
    rest.setdefault(ROLE, "read-write")
    ports = ports * len(hosts) if len(ports) == 1 else ports
    return tuple(
        urlunsplit(parts._replace(netloc=account + at + place, query=_query(rest | more)))
        for place, more in map(_place, hosts, ports)
    )


def with_parameters(url: str, parameters: Mapping[str, str], without: tuple[str, ...] = ()) -> str:
    """The address of one server with parameters that it does not name itself yet, and `without` some."""
    parts = urlsplit(url)
    named = {k: v for k, v in parse_qsl(parts.query, keep_blank_values=True) if k not in without}
    return _unsplit(parts._replace(query=_query({**parameters, **named})).geturl(), url)


def is_address(url: str) -> bool:
    """Whether it is one, of any number of servers."""
    try:
        return bool(servers(url))
    except ValueError:
        return False


def _unsplit(made: str, given: str) -> str:
    # urllib drops the two slashes before an empty place, which dbmate wants
    scheme = urlsplit(given).scheme
    return made if made.startswith(f"{scheme}://") else made.replace(f"{scheme}:", f"{scheme}://", 1)


def _place(host: str, port: str) -> tuple[str, dict[str, str]]:
    """One server in the form that both asyncpg and dbmate read: a place for TCP, parameters for a socket's folder."""
    if host.startswith("/"):
        _check_ports(port)
        return "", {"host": host} | ({"port": port} if port else {})
    _check_ports(port, host)
    has_port = ":" in host.rpartition("]")[2]
    return host if has_port or not port else f"{host}:{port}", {}


def _check_ports(*places: str) -> None:
    """Raises `ValueError` where what stands behind a colon, or alone, is no port."""
    for place in places:
        port = place if place.isdecimal() else place.rpartition("]")[2].partition(":")[2]
        if "/" not in place and port and not (port.isdecimal() and 0 < int(port) < 65536):
            raise ValueError(f"{port} is no port")


def _query(parameters: Mapping[str, str]) -> str:
    return urlencode(parameters, quote_via=quote, safe="/:,")
