"""TODO."""

from __future__ import annotations

from typing import Literal

Health = Literal["ok", "degraded", "fail", "off"]
