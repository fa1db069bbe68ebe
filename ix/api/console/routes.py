"""The routes of the console. They are no part of the API, and its description does not have them."""

from __future__ import annotations

from ix.api.console import session
from ix.api.routing import Route
from ix.config import Settings


def routes(settings: Settings) -> list[Route]:
    """Every route of the console; none where the settings switch it off."""
    return [*session.ROUTES] if settings.console else []
