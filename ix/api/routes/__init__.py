"""The routes of the service: one file, one resource; the folder is the registry.

A module of this package with a list `ROUTES` is served. Above each route's function stands `@operation`, which
describes it (see `ix.api.openapi.operation`)."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Sequence

from ix.api.openapi.document import TAGS
from ix.api.openapi.operation import OPERATIONS
from ix.api.routing import Route


def load() -> list[Route]:
    """Every route of this package in the order in which a request is compared with them, which is the description's
    too: by tag as `TAGS` has them, within a tag by the first path of a module."""
    names = [module.name for module in pkgutil.iter_modules(__path__)]
    modules = [importlib.import_module(f"{__name__}.{name}") for name in names]
    lists: list[Sequence[Route]] = [module.ROUTES for module in modules if hasattr(module, "ROUTES")]
    routes: list[Route] = []
    for route in (route for found in sorted(lists, key=_rank) for route in found):
        routes.insert(_index_before_taker(routes, route), route)
    return routes


def _rank(routes: Sequence[Route]) -> tuple[int, str]:
    tag = OPERATIONS[routes[0].endpoint].tag
    known = [*TAGS]
    return known.index(tag) if tag in known else len(known), routes[0].path


def _index_before_taker(routes: Sequence[Route], route: Route) -> int:
    """Before the first route that would take its requests: `GET /jobs/{ix_id}` would take those of `GET /jobs/new`."""
    for index, other in enumerate(routes):
        if other.path_regex.match(route.path) and (other.methods or set()) & (route.methods or set()):
            return index
    return len(routes)
