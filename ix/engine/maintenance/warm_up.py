"""The warm-up: models load before the first job needs them, and the engine's health says whether they did.

The health goes with every heartbeat into the engine's row, where `GET /healthz` finds it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from ix.background.actor import Actor
from ix.config import Settings
from ix.extraction.pipeline import Extractor
from ix.telemetry.log import Event, log

PROBE_SECONDS = 300.0
"""Time between looks at a part that is ok, or is switched off."""
PROBE_AGAIN_SECONDS = 30.0
"""Time between looks at a part that is not ok."""


class WarmUp(Actor):
    """Starts the extraction, most of it once the engine is not busy, and keeps `health` current; what failed is tried
    again."""

    def __init__(
        self, settings: Settings, extractor: Extractor, health: dict[str, Any], is_busy: Callable[[], bool]
    ) -> None:
        super().__init__()
        self._is_busy = is_busy
        self._settings = settings
        self._extractor = extractor
        self._health = health

    async def run(self) -> None:
        """Probes for ever, more often until all is well."""
        await self._extractor.start(self._is_busy)
        while True:
            state = self._health["ocr"] = await self._extractor.reader.probe_ocr()
            if state == "fail":
                log(Event.WARM_UP_FAILED, part="ocr")
            await asyncio.sleep(PROBE_SECONDS if state in ("ok", "off") else PROBE_AGAIN_SECONDS)
