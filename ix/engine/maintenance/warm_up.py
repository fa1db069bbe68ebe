"""TODO."""

from __future__ import annotations

import asyncio
from typing import Any

from ix.background.actor import Actor
from ix.config import Settings
from ix.extraction.pipeline import Extractor
from ix.telemetry.log import Event, log

PROBE_AGAIN_SECONDS = 30.0
"""Time between looks at a part that is not ok."""


class WarmUp(Actor):
    """Starts the extraction and keeps its health current: models load before the first job needs them, and what failed
    is tried again."""

    def __init__(self, settings: Settings, extractor: Extractor, health: dict[str, Any]) -> None:
        super().__init__()
        self._settings = settings
        self._extractor = extractor
        self._health = health

    async def run(self) -> None:
        """Probes until all is well, and from time to time after."""
        await self._extractor.start()
        while True:
            self._health["ocr"] = await self._extractor.reader.probe_ocr()
            if self._health["ocr"] == "fail":
                log(Event.WARM_UP_FAILED, part="ocr")
            await asyncio.sleep(
                PROBE_AGAIN_SECONDS if self._health["ocr"] not in ("ok", "off") else 10 * PROBE_AGAIN_SECONDS
            )
