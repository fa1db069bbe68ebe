"""The routes of the console. They are no part of the API, and its description does not have them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ix.api.console import pages, session
from ix.api.routing import Route
from ix.config import Settings

if TYPE_CHECKING:
    from ix.api.console.oidc.provider import Provider


def routes(settings: Settings) -> list[Route]:
    """Every route of the console; none where the settings switch it off."""
    if not settings.console:
        return []
    if not settings.oidc_issuer:
        return [*session.ROUTES, *pages.ROUTES]
    # signatures take their time to import, and most services have no provider
    from ix.api.console.oidc import flow

    return [*session.ROUTES, *flow.ROUTES, *pages.ROUTES]


def provider_of(settings: Settings) -> Provider | None:
    """The OpenID provider that the settings name."""
    if not (settings.console and settings.oidc_issuer):
        return None
    from ix.api.console.oidc.provider import Provider

    return Provider(settings)
