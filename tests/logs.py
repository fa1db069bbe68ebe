"""What ix logs, for tests that wait for an event and for tests that look for what must not be said."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager


class Log(logging.Handler):
    """Lines of the logger `ix`, as they are said."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self._read = 0
        self._news = asyncio.Event()

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.levelname} {record.getMessage()}")
        self._news.set()

    async def until(self, pattern: str, seconds: float = 10) -> str:
        """The first line that matches and was not passed by an earlier call."""
        try:
            async with asyncio.timeout(seconds):
                while (line := self._next(pattern)) is None:
                    self._news.clear()
                    await self._news.wait()
                return line
        except TimeoutError:
            raise AssertionError(f"no line matches {pattern!r} in:\n" + "\n".join(self.lines)) from None

    def _next(self, pattern: str) -> str | None:
        while self._read < len(self.lines):
            self._read += 1
            if re.search(pattern, self.lines[self._read - 1]):
                return self.lines[self._read - 1]
        return None


@contextmanager
def heard() -> Iterator[Log]:
    """Everything that ix says, down to DEBUG."""
    logger, log = logging.getLogger("ix"), Log()
    level = logger.level
    logger.addHandler(log)
    logger.setLevel(logging.DEBUG)
    try:
        yield log
    finally:
        logger.removeHandler(log)
        logger.setLevel(level)
