"""Mixed work at a steady pace: drills of every kind, some cancelled, some called back, and documents among them."""

from __future__ import annotations

import asyncio
import base64
import itertools
import random
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from ix.client import AsyncClient, StatusEvent
from ix.client.operations import ENDED

INVOICE = (Path(__file__).parents[2] / "examples" / "invoice.pdf").read_bytes()
RECEIPT = "CORNER SHOP {number}\n\nDate: 05/03/2024\n\nTea     2.50\nMilk    1.20\n\nTOTAL   3.70\n"
CLIENT = "soak"
TRIES = 3
MOST_AT_ONCE = 64
"""Requests under way beyond which it waits: on a machine that is too slow for its pace."""


class MixedClient:
    """Submits for `seconds`, up to `per_second` jobs evenly, and follows the stream of all its jobs meanwhile.
    `accepted` are the ids of its jobs, `cancelled` those that were, and `told` those whose end the stream told of;
    `broken` counts connections."""

    def __init__(self, url: str, per_second: float, callback_url: str) -> None:
        self._url, self._pause, self._callback_url = url, 1 / per_second, callback_url
        self._dice = random.Random(12)
        self._room = asyncio.Semaphore(MOST_AT_ONCE)
        self.accepted: set[str] = set()
        self.cancelled: set[str] = set()
        self.told: set[str] = set()
        self.answers: Counter[int] = Counter()
        self.broken: Counter[str] = Counter()

    async def run(self, seconds: float) -> None:
        """Returns when every answer has come."""
        limits = httpx.Limits(max_connections=None)
        async with (
            httpx.AsyncClient(base_url=self._url, timeout=60, trust_env=False, limits=limits) as http,
            asyncio.TaskGroup() as tasks,
        ):
            began = time.monotonic()
            for number in itertools.count():
                due = began + number * self._pause
                if max(due, time.monotonic()) >= began + seconds:
                    break
                await asyncio.sleep(max(0.0, due - time.monotonic()))
                await self._room.acquire()
                tasks.create_task(self._one(http, number)).add_done_callback(lambda _: self._room.release())

    async def watch(self) -> None:
        """Follows the stream for ever."""
        async with AsyncClient(self._url, client_id=CLIENT) as client, aclosing(client.watch()) as stream:
            async for event in stream:
                if isinstance(event, StatusEvent) and event.job.status in ENDED:
                    self.told.add(event.job.ix_id)

    async def _one(self, http: httpx.AsyncClient, number: int) -> None:
        body = {"client_id": CLIENT, "request_id": str(number), **self._work(number)}
        answered = await self._asked(http, "POST", "/jobs", json=body)
        self.answers[answered.status_code] += 1
        if answered.is_success:
            self.accepted.add(answered.json()["ix_id"])
            if number % 100 == 30:
                await self._cancel(http, answered.json()["ix_id"])

    async def _asked(self, http: httpx.AsyncClient, method: str, path: str, **body: Any) -> httpx.Response:
        """An answer; the same again where the connection broke, as one that idled does if the server closes it in that
        moment."""
        for _ in range(TRIES):
            try:
                return await http.request(method, path, **body)
            except httpx.TransportError as error:
                self.broken[type(error).__name__] += 1
        return httpx.Response(599)

    async def _cancel(self, http: httpx.AsyncClient, ix_id: str) -> None:
        """Unless it has ended already."""
        if (await self._asked(http, "DELETE", f"/jobs/{ix_id}")).status_code == 200:
            self.cancelled.add(ix_id)

    def _work(self, number: int) -> Mapping[str, Any]:
        """One in a hundred is a PDF, three are receipts, five owe a callback; of the rest most are over at once."""
        match number % 100:
            case 0:
                # a comment after the end, so that each has bytes of its own
                data = base64.b64encode(INVOICE + b"\n%% %d\n" % number).decode()
                return {"use_case": "invoice", "documents": [{"name": "invoice.pdf", "data": data}]}
            case 1 | 34 | 67:
                return {"use_case": "receipt", "documents": [{"text": RECEIPT.format(number=number)}]}
            case 10 | 30 | 50 | 70 | 90:
                return drill(callback_url=self._callback_url)
            case 20:
                return drill(action="fail")
            case 40:
                return drill(action="transient", attempts=1)
            case 60:
                return drill(run_at=(datetime.now(UTC) + timedelta(seconds=2)).isoformat())
            case one if one % 10 == 5:
                return drill(action="sleep", seconds=round(self._dice.uniform(0.1, 0.9), 3))
        return drill(result={"words": "a result of the usual size " * 10})


def drill(callback_url: str | None = None, run_at: str | None = None, **options: object) -> Mapping[str, Any]:
    more = {"callback_url": callback_url, "run_at": run_at}
    return {"use_case": "drill", "options": options, **{name: value for name, value in more.items() if value}}
