"""Units and bounds that settings share."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

MIB = 1024 * 1024
LONGEST = 1_000_000
"""Most seconds of a setting, eleven days: in milliseconds it is still a time limit that PostgreSQL takes."""
Seconds = Annotated[float, Field(gt=0, le=LONGEST)]
