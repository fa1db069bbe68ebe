"""What each Python that tests start does first. httpx makes a command of its own where it finds `rich`, which ix does
not need, and tools of its development bring: for a fifth of the time in which a process of ix starts."""

from __future__ import annotations

import sys

sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]  # as where it cannot be imported
