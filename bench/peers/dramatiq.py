"""dramatiq on Redis: one process of the default 8 threads."""

from __future__ import annotations

import os
import sys
import time

import dramatiq
import redis
from dramatiq.brokers.redis import RedisBroker

from bench.peers.host import HANG, HANG_SECONDS, ThreadedPeer, main, report, url

THREADS = 8
TOLD = report()
BROKER = RedisBroker(url=url())
dramatiq.set_broker(BROKER)


@dramatiq.actor(actor_name="handle", time_limit=float("inf"))
def handle(number: int) -> None:
    """The job."""
    TOLD.started(number)
    if number == HANG:
        time.sleep(HANG_SECONDS)


class Dramatiq(ThreadedPeer):
    """https://dramatiq.io"""

    name = "dramatiq"
    needs = "redis"
    settings = f"1 process, {THREADS} threads"
    bulk = False

    async def prepare(self) -> None:
        """Empties its database."""
        redis.Redis.from_url(url()).flushdb()

    def enqueue_now(self, number: int) -> None:
        """`send`."""
        handle.send(number)

    async def unfinished(self) -> int:
        """A message's body stays in the hash until it is acknowledged."""
        return int(redis.Redis.from_url(url()).hlen("dramatiq:default.msgs"))

    def work(self) -> None:
        """Its own command."""
        module = "bench.peers.dramatiq"
        os.execv(
            sys.executable, [sys.executable, "-m", "dramatiq", module, "-p", "1", "-t", str(THREADS), "--skip-logging"]
        )


if __name__ == "__main__":
    main(Dramatiq)
