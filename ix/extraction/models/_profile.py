"""What a model server says of itself: how many questions it works on at once, how much a question may hold, and which
model it has. Asked once; what it does not say is None."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Profile:
    """`slots` are its parallel places, `window` is the context of one, tokens; `digest` tells its weights apart;
    `tokenizes` says whether it counts tokens when asked."""

    slots: int | None = None
    window: int | None = None
    digest: str = ""
    tokenizes: bool = False

    def plain(self) -> dict[str, Any]:
        """Its members as plain JSON."""
        return asdict(self)


UNKNOWN = Profile()
