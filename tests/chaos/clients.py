"""A client that submits at a steady pace from a thread of its own, whatever happens, and keeps what it was told."""

from __future__ import annotations

import asyncio
import itertools
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx


class Submitter:
    """`answers` counts status codes, a 503 with Retry-After and failures of the wire apart; `accepted` are the ids of
    every 201, and `seconds` is how long each answer took. Request ids are the `prefix`, a hyphen and 0, 1, 2 and so
    on. With a `text`, letters that begin with it are submitted, each another one, instead of drills."""

    def __init__(self, url: str, per_second: float, text: str = "", **options: object) -> None:
        self._url, self._pause, self._options, self._text = url, 1 / per_second, options, text
        self._over = threading.Event()
        self.prefix = uuid.uuid4().hex
        self._thread = threading.Thread(target=lambda: asyncio.run(self._submit()))
        self.answers: Counter[str] = Counter()
        self.accepted: list[str] = []
        self.seconds: list[float] = []
        self._thread.start()

    def stop(self) -> None:
        """Returns when the last answer has come."""
        self._over.set()
        self._thread.join()

    @property
    def unexpected(self) -> dict[str, int]:
        return {
            answer: count for answer, count in self.answers.items() if answer not in ("201", "503 with Retry-After")
        }

    async def _submit(self) -> None:
        limits = httpx.Limits(max_connections=None)
        async with (
            httpx.AsyncClient(base_url=self._url, timeout=30, trust_env=False, limits=limits) as client,
            asyncio.TaskGroup() as tasks,
        ):
            began = time.monotonic()
            for number in itertools.count():
                if self._over.is_set():
                    break
                tasks.create_task(self._one(client, f"{self.prefix}-{number}"))
                await asyncio.sleep(max(0.0, began + (number + 1) * self._pause - time.monotonic()))

    async def _one(self, client: httpx.AsyncClient, request_id: str) -> None:
        body: dict[str, Any] = {"client_id": "acme", "request_id": request_id}
        body |= {"use_case": "drill", "options": self._options}
        if self._text:
            body |= {"use_case": "letter", "documents": [{"text": f"{self._text}\n{request_id}"}]}
        began = time.monotonic()
        try:
            answered = await client.post("/jobs", json=body)
        except httpx.HTTPError as error:
            self.answers[type(error).__name__] += 1
            return
        self.seconds.append(time.monotonic() - began)
        polite = answered.status_code == 503 and "retry-after" in answered.headers
        self.answers["503 with Retry-After" if polite else str(answered.status_code)] += 1
        if answered.status_code == 201:
            self.accepted.append(answered.json()["ix_id"])


@contextmanager
def submitting(url: str, per_second: float, text: str = "", **options: object) -> Iterator[Submitter]:
    """A client that submits drills with these options for a while, or letters."""
    submitter = Submitter(url, per_second, text, **options)
    try:
        yield submitter
    finally:
        submitter.stop()
