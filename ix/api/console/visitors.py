"""What the console's own routes work with."""

from __future__ import annotations

from dataclasses import dataclass, field

from ix.api.console.sessions import SignedIn
from ix.api.console.tries import Tries


@dataclass(frozen=True, slots=True)
class Visitors:
    """Who is signed in, and how one may sign in. `provider` is None where no OpenID provider is set."""

    signed_in: SignedIn
    provider: None = None
    tries: Tries = field(default_factory=Tries)
