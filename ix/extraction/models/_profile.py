"""What a model server says of itself: how many questions it works on at once, and how much a question may hold. Asked
once; what it does not say is None."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Profile:
    """`slots` are its parallel places, `window` is the context of one, tokens; `tokenizes` says whether it counts
    tokens when asked, `sees` whether its model takes pictures."""

    slots: int | None = None
    window: int | None = None
    tokenizes: bool = False
    sees: bool = False


UNKNOWN = Profile()
