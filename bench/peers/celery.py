"""Celery on Redis: late acknowledgement, so that a killed worker's jobs are not lost; a high prefetch for short jobs;
no result backend; no gossip, mingle or heartbeat. One process: the `solo` pool, which has nobody to hand a job to."""

from __future__ import annotations

import logging
import time

import redis
from celery import Celery

from bench.peers.host import HANG, HANG_SECONDS, ThreadedPeer, main, report, url

PREFETCH = 32
TOLD = report()
APP = Celery("bench", broker=url())
APP.conf.update(
    task_acks_late=True,
    task_ignore_result=True,
    worker_prefetch_multiplier=PREFETCH,
    worker_send_task_events=False,
    broker_connection_retry_on_startup=True,
    broker_pool_limit=32,
)


@APP.task(name="handle")
def handle(number: int) -> None:
    """The job."""
    TOLD.started(number)
    if number == HANG:
        time.sleep(HANG_SECONDS)


class CeleryPeer(ThreadedPeer):
    """https://docs.celeryq.dev"""

    name = "celery"
    needs = "redis"
    settings = f"acks_late, solo pool, prefetch_multiplier={PREFETCH}, no gossip, mingle, heartbeat"
    bulk = False

    async def prepare(self) -> None:
        """Empties its database."""
        redis.Redis.from_url(url()).flushdb()

    def enqueue_now(self, number: int) -> None:
        """`delay`."""
        handle.delay(number)

    async def unfinished(self) -> int:
        """Waiting and unacknowledged ones."""
        client = redis.Redis.from_url(url())
        return int(client.llen("celery")) + int(client.hlen("unacked"))

    def work(self) -> None:
        """One worker."""
        logging.disable(logging.INFO)
        quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel=ERROR"]
        APP.worker_main(["worker", "--pool=solo", *quiet])


if __name__ == "__main__":
    main(CeleryPeer)
