"""The engine's side of the pulse: ticks for a process that another one replaces when it ends."""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import suppress
from uuid import UUID

from ix.background.actor import Actor
from ix.config import Settings
from ix.database.connect import direct_url
from ix.engine.pulse import process
from ix.engine.pulse.process import LOOKS, Order
from ix.telemetry.log import Event, log


class Pulse(Actor):
    """Ticks while the event loop turns. Where it stands still, another process beats in the engine's place, and after
    `liveness_limit` it `ends` this one, or else lets it look frozen."""

    def __init__(self, settings: Settings, engine_id: UUID, ends: bool = False) -> None:
        super().__init__()
        self._order = Order(
            path=[path for path in sys.path if path],
            engine_id=str(engine_id),
            url=direct_url(settings),
            limit=settings.liveness_limit,
            timeout=settings.heartbeat_timeout,
            ends=ends,
            log_level=settings.log_level,
            log_format=settings.log_format,
        )

    async def run(self) -> None:
        """Ticks until the process ends, which nobody but a stranger or the system makes it do."""
        pulse = await asyncio.create_subprocess_exec(
            # isolated and without `site`: it starts in a tenth of the time
            *(sys.executable, "-I", "-S", process.__file__),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            # a signal to this process's group must not end it first
            start_new_session=True,
        )
        try:
            await self._tick(pulse)
        finally:
            with suppress(ProcessLookupError):
                pulse.kill()
            await pulse.communicate()
        log(Event.PULSE_LOST, engine=self._order.engine_id, status=pulse.returncode)

    async def _tick(self, pulse: asyncio.subprocess.Process) -> None:
        assert pulse.stdin is not None
        # over the pipe, where nobody else can read it: the address may hold a password
        pulse.stdin.write(json.dumps(self._order._asdict()).encode() + b"\n")
        ended = asyncio.ensure_future(pulse.wait())
        try:
            while not ended.done():
                pulse.stdin.write(b".")
                # twice within a look, so that none is without one by chance
                await asyncio.wait([ended], timeout=self._order.limit / LOOKS / 2)
        finally:
            ended.cancel()
