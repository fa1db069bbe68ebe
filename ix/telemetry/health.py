"""How a part of ix is, as `/healthz` and the engines' heartbeats report it."""

from __future__ import annotations

from typing import Literal

Health = Literal["ok", "degraded", "fail", "off"]
"""Works; works in part, or not yet; does not work; is not in use."""
