"""The child processes that make rows, and how many exports one web process writes at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ix.api.problems import RETRY_AFTER_SECONDS, Problem
from ix.config import MIB, Settings, variable
from ix.errors import IxError

if TYPE_CHECKING:
    from ix.extraction.processes.children import Children
    from ix.extraction.processes.frames import Frame

TASK = "ix.api.exports.offloaded"
WORKERS = 1
"""Exports take turns at so many processes, batch by batch: a long one delays no short one by more than that."""
MEMORY = 1024 * MIB
SECONDS = 30.0
"""Time for one batch; the largest take a second."""
MOST_AT_ONCE, MOST_OF_CLIENT = 16, 4
"""Exports that one web process writes at once, and those of one client among them."""
PASSED_ON = ("use_case_dir", "drill")
"""The settings that rows depend on: no secret is among them."""


class ExportProcesses:
    """The child processes, started when first needed, and places for exports."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._children: Children | None = None
        self._running: Counter[str] = Counter()

    @contextmanager
    def place(self, owner: str) -> Iterator[None]:
        """Holds a place during the block. Raises `Problem`: 429 where the client has as many as it may, 503 where all
        are taken."""
        status = 429 if self._running[owner] >= MOST_OF_CLIENT else 503
        if status == 429 or self._running.total() >= MOST_AT_ONCE:
            message = "as many exports are written as may be at once; try again when one has ended"
            raise Problem(status, message, headers={"retry-after": RETRY_AFTER_SECONDS})
        self._running[owner] += 1
        try:
            yield
        finally:
            self._running[owner] -= 1
            # a name that is in no use is forgotten
            self._running += Counter()

    async def ask(self, body: Mapping[str, Any], blobs: Sequence[bytes], owner: str) -> Frame:
        """What a child makes of a batch. Raises `Problem` 503 where it can make nothing of it in time, for want of
        memory, or because it was ended."""
        try:
            return await self._pool().call(body, blobs, seconds=SECONDS, owner=(owner, ""))
        # what the child's task raises, and what becomes of the child
        except IxError as error:
            raise Problem(503, f"what was asked for cannot be written now: {error}") from None

    async def stop(self) -> None:
        """Ends the processes, also those at work."""
        if self._children:
            await self._children.stop()

    def _pool(self) -> Children:
        # with the first export: a web process that writes none loads nothing of the extraction
        from ix.extraction.processes.children import Children

        if self._children is None:
            settings = {variable(name): str(getattr(self._settings, name)) for name in PASSED_ON}
            self._children = Children(TASK, WORKERS, MEMORY, extra=settings, readable=[self._settings.use_case_dir])
        return self._children
