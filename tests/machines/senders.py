"""Clients that submit documents by both proxies until each is acknowledged, whatever dies meanwhile."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack

from bench.papers import Paper
from ix.client import AsyncClient, ClientError

CLIENT = "machines"
SENDERS = 8
PATIENCE = 300.0
"""Seconds after which a document that nobody takes ends the run."""
PAUSE = 0.5
AGAIN = 50
"""One in so many acknowledged submissions is made once more, as by a client that never saw its answer."""


class Senders:
    """`acknowledged` are the jobs by request id, `refused` why a submission was tried anew after the client's own five
    tries, `strange` the repetitions that gave another job. Runs in a thread of its own."""

    def __init__(self, urls: Sequence[str], key: str, papers: Iterator[Paper]) -> None:
        self._urls, self._key, self._papers = urls, key, papers
        self.sent: dict[str, Paper] = {}
        self.acknowledged: dict[str, str] = {}
        self.refused: Counter[str] = Counter()
        self.repeated = 0
        self.strange: list[str] = []
        self.failed: BaseException | None = None
        self._thread = threading.Thread(target=self._work, daemon=True)

    def start(self) -> None:
        self._thread.start()

    @property
    def are_done(self) -> bool:
        """Whether all is acknowledged. Raises what ended them early."""
        if self.failed is not None:
            raise self.failed
        return not self._thread.is_alive()

    def _work(self) -> None:
        try:
            asyncio.run(self._all())
        except BaseException as error:
            self.failed = error

    async def _all(self) -> None:
        async with AsyncExitStack() as stack, asyncio.TaskGroup() as tasks:
            ways = [
                await stack.enter_async_context(AsyncClient(url, client_id=CLIENT, key=self._key)) for url in self._urls
            ]
            for number in range(SENDERS):
                tasks.create_task(self._one(ways[number % len(ways) :] + ways[: number % len(ways)]))

    async def _one(self, ways: Sequence[AsyncClient]) -> None:
        for paper in self._papers:
            self.sent[paper.request_id] = paper
            ix_id = await self._submitted(ways, paper)
            self.acknowledged[paper.request_id] = ix_id
            if len(self.acknowledged) % AGAIN == 0:
                self.repeated += 1
                if await self._submitted(ways[::-1], paper) != ix_id:
                    self.strange.append(paper.request_id)

    async def _submitted(self, ways: Sequence[AsyncClient], paper: Paper) -> str:
        """The job's id, by one proxy or the other."""
        deadline, tries = time.monotonic() + PATIENCE, 0
        while True:
            try:
                job = await ways[tries % len(ways)].submit(
                    [(paper.name, paper.data)], paper.use_case, request_id=paper.request_id
                )
                return job.ix_id
            except ClientError as error:
                self.refused[f"{error.status or 'unreachable'}"] += 1
                if time.monotonic() > deadline or error.status in (401, 403, 413, 422):
                    raise
                tries += 1
                await asyncio.sleep(PAUSE)
