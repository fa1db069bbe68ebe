"""Which page may call with a session: the console's own. No token is needed for that, which could leak: browsers say
whose page is calling, and no page can make them say something else.

Sec-Fetch-Site (https://www.w3.org/TR/fetch-metadata/) comes with every request to an address that is safe; Origin with
every one that changes something (https://fetch.spec.whatwg.org/#origin-header)."""

from __future__ import annotations

from starlette.types import Scope

from ix.api.middleware.loopback import is_own, parsed
from ix.api.problems import Problem
from ix.api.routing import headers

READS = ("GET", "HEAD")


def require_own_page(scope: Scope) -> None:
    """Raises `Problem` 403 for a request that may be another site's, or that changes something and does not show that
    it is the console's own."""
    sites = headers(scope, b"sec-fetch-site")
    is_read = scope["method"] in READS
    if sites:
        # "none": somebody typed the address, or has kept it
        allowed = (b"same-origin", b"none") if is_read else (b"same-origin",)
        is_own_page = len(sites) == 1 and sites[0] in allowed
    else:
        is_own_page = is_read or _is_origin_own(scope)
    if not is_own_page:
        raise Problem(403, "a page of another site is calling, or something that does not say whose page it is")


def _is_origin_own(scope: Scope) -> bool:
    origins, hosts = headers(scope, b"origin"), headers(scope, b"host")
    host = parsed(hosts[0]) if len(hosts) == 1 else None
    return host is not None and len(origins) == 1 and is_own(origins[0], scope["scheme"], host)
