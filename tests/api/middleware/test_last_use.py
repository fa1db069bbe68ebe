"""Notes of when keys were last used."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from ix.api.middleware import last_use
from ix.api.middleware.last_use import NOTE_SECONDS, LastUse


class Table:
    """What is written, and that it sometimes is not."""

    def __init__(self) -> None:
        self.written: list[Sequence[str]] = []
        self.fails = False
        self.was_written = asyncio.Event()

    async def mark_used(self, key_ids: Sequence[str], at_most_every: float) -> None:
        self.was_written.set()
        if self.fails:
            raise OSError
        self.written.append(key_ids)


async def test_a_key_is_noted_once_a_minute_and_a_failure_harms_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(last_use, "GATHER_SECONDS", 0.0)
    table, now = Table(), 0.0
    notes = LastUse(table.mark_used, lambda: now)

    async def noted(*keys: str) -> None:
        table.was_written.clear()
        for key in keys:
            await notes.note(key)
        async with asyncio.timeout(5):
            await table.was_written.wait()

    await noted("b", "a", "a", "b")
    await noted("b", "c")
    assert table.written == [["a", "b"], ["c"]]
    now, table.fails = NOTE_SECONDS, True
    await noted("a")
    table.fails = False
    await noted("b")
    assert table.written == [["a", "b"], ["c"], ["b"]]
    await notes.stop()
