"""The log lines: the stable name in a JSON line, and its level."""

from __future__ import annotations

import logging
from collections.abc import Iterator

from ix.telemetry.log import Event


def facts() -> Iterator[str]:
    """Every event."""
    return (f"{event.name.lower()}: {logging.getLevelName(event.value[0])}" for event in Event)
