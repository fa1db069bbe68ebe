"""The routes of the service: one file, one resource; the folder is the registry.

A module of this package with a list `ROUTES` is served. Above each route's function stands `@operation`, which
describes it (see `ix.api.openapi.operation`)."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Sequence
from itertools import chain

from ix.api.openapi.document import TAGS
from ix.api.openapi.operation import OPERATIONS
from ix.api.routing import Route


def load() -> list[Route]:
    """Every route of this package in the order in which a request is compared with them, which is the description's
    too: by tag as `TAGS` has them, within a tag by the first path of a module. Raises `ValueError` where two routes
    have the same path and method."""
    routes: list[Route] = []
    lists = sorted(_lists(), key=_rank)
    for route in chain.from_iterable(lists):
        routes.insert(_index(routes, route), route)
    return routes


def _lists() -> Iterator[Sequence[Route]]:
    for module in pkgutil.iter_modules(__path__):
        if routes := getattr(importlib.import_module(f"{__name__}.{module.name}"), "ROUTES", ()):
            yield routes


def _rank(routes: Sequence[Route]) -> tuple[int, str]:
    operation = OPERATIONS.get(routes[0].endpoint)
    tags = {tag: number for number, tag in enumerate(TAGS)}
    return tags.get(operation.tag if operation else "", len(tags)), routes[0].path


def _index(routes: Sequence[Route], route: Route) -> int:
    """Where a route belongs: before the first that would take its requests, as `GET /jobs/{ix_id}` would take those of
    `GET /jobs/new`, or last."""
    for index, other in enumerate(routes):
        if other.path_regex.match(route.path) and _methods(other) & _methods(route):
            if other.path == route.path:
                raise ValueError(f"two routes serve {route.path}")
            return index
    return len(routes)


def _methods(route: Route) -> set[str]:
    return route.methods or set()
