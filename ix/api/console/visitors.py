"""What the console's own routes work with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ix.api.console.sessions import SignedIn
from ix.api.console.tries import Tries

if TYPE_CHECKING:
    from ix.api.console.oidc.provider import Provider


@dataclass(frozen=True, slots=True)
class Visitors:
    """Who is signed in, and how one may sign in. `provider` is None where no OpenID provider is set."""

    signed_in: SignedIn
    provider: Provider | None = None
    tries: Tries = field(default_factory=Tries)

    async def stop(self) -> None:
        """Closes what leads to the provider."""
        if self.provider is not None:
            await self.provider.aclose()
