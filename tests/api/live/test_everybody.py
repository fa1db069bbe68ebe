"""The stream of all clients' jobs, reviews and counts in it, and what running jobs do as lists say it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import pytest

from ix.api.live import broadcast, streams
from ix.api.live.counting import Counting
from ix.api.live.doing import LastSteps
from ix.api.live.subscription import Subscription
from ix.database.channels import REVIEWS_CHANNEL
from ix.database.connect import Pool
from ix.database.jobs import Counts, Jobs, Listing
from ix.job import Doing, Progress, Status
from tests.api.streaming import Live, claimed, end, inserted
from tests.factories import answer, submission


async def review(pool: Pool, **news: Any) -> None:
    await pool.execute("SELECT pg_notify($1, $2)", REVIEWS_CHANNEL, json.dumps(news))


class TestEverybody:
    async def test_tells_of_the_jobs_of_all_clients(self, live: Live, jobs: Jobs) -> None:
        reader = live.everybody()
        await reader.until_at_rest()
        for client in ("one", "two"):
            job = await inserted(jobs, client=client)
            claim = await claimed(jobs)
            step = Progress(ix_id=claim.ix_id, attempt=1, step="reading")
            await live.jobs.tell_progress([(claim, step)])
            running = await reader.next()
            assert (running.data["ix_id"], running.data["client_id"], running.what) == (job.ix_id, client, "running")
            assert (await reader.next()).what == "reading"
            await jobs.mark_done(claim, answer())
            assert (await reader.next()).what == "done"

    async def test_hears_of_jobs_that_are_erased(self, live: Live, jobs: Jobs) -> None:
        reader = live.everybody()
        await reader.until_at_rest()
        job = await inserted(jobs, client="one")
        assert await jobs.erase(job.ix_id)
        assert (await reader.until("erased")).data == {"ix_id": job.ix_id}

    async def test_goes_on_where_it_was_cut_off(self, live: Live, jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(streams, "PAGE", 3)
        monkeypatch.setattr(streams, "PACE_SECONDS", 0.0)
        first = live.everybody()
        await first.until_at_rest()
        missed = [ix_id for client in ("b", "a", "c") for ix_id in await end(jobs, 3, client=client)]
        again = live.everybody(first.last_id)
        assert [(await again.next()).data["ix_id"] for _ in missed] == missed

    async def test_reads_for_itself_what_is_too_much_at_once(
        self, live: Live, jobs: Jobs, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(broadcast, "AT_ONCE", 2)
        reader = live.everybody()
        await reader.until_at_rest()
        reads: list[Sequence[str]] = []
        heads = live.jobs.heads

        async def noting(ix_ids: Sequence[str], of_clients: Sequence[str], or_of: Sequence[str]) -> Any:
            reads.append(of_clients)
            return await heads(ix_ids, of_clients, or_of)

        monkeypatch.setattr(live.jobs, "heads", noting)
        ended = await end(jobs, 5)
        assert sorted([(await reader.next()).data["ix_id"] for _ in ended]) == ended
        assert [] in reads

    async def test_hides_use_cases_that_are_not_the_readers(self, live: Live, jobs: Jobs) -> None:
        subscription = Subscription(lambda use_case: use_case == "receipt")
        with live.broadcast.following_client("", subscription):
            live.broadcast.accepted(await inserted(jobs))
            live.broadcast.accepted(await inserted(jobs, use_case="receipt"))
            assert len(subscription) == 1


class TestReviews:
    async def test_are_told_to_whoever_follows(self, live: Live, pool: Pool) -> None:
        readers = [live.everybody(), live.client("acme"), live.client("other")]
        for reader in readers:
            await reader.until_at_rest()
        news = {"ix_id": "0" * 16, "review": "approved", "points": 0, "version": 7}
        await pool.execute("SELECT pg_notify($1, 'no JSON')", REVIEWS_CHANNEL)
        await review(pool, client_id="acme", use_case="receipt", **news)
        for reader in readers[:2]:
            told = await reader.next()
            assert (told.name, told.data) == ("review", news)
        await review(pool, client_id="other", use_case="receipt", **news)
        assert (await readers[2].next()).name == "review"

    async def test_take_nothing_else_away(self, live: Live, jobs: Jobs, pool: Pool) -> None:
        reader = live.everybody()
        await reader.until_at_rest()
        [ix_id] = await end(jobs, 1)
        await review(pool, client_id="acme", use_case="drill", ix_id=ix_id, review="needed", points=1, version=1)
        assert {(await reader.next()).name for _ in range(2)} == {"status", "review"}


class TestCounts:
    async def test_come_first_and_when_they_change(
        self, live: Live, jobs: Jobs, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(streams, "COUNT_SECONDS", 0.01)
        reader = live.everybody(counts=lambda: jobs.counts_of(Listing()))
        first = await reader.next()
        assert (first.name, first.data["status"]["done"], first.data["missed"]) == ("counts", 0, False)
        await end(jobs, 1)
        while (told := await reader.next()).name != "counts":
            pass
        assert told.data["status"]["done"] == 1

    async def test_say_that_something_was_passed_over(self, live: Live, jobs: Jobs) -> None:
        before = live.everybody()
        await before.until_at_rest()
        await end(jobs, 2)
        reader = live.everybody(before.last_id, counts=lambda: jobs.counts_of(Listing()))
        # not the ends that it has missed: whoever looks on reads the list anew
        told = await reader.next()
        assert (told.name, told.data["missed"]) == ("counts", True)

    async def test_are_asked_once_a_second_however_many_ask(self, jobs: Jobs) -> None:
        asked: list[Listing] = []

        class Counted(Jobs):
            async def counts_of(self, listing: Listing, use_cases: Any = None) -> Counts:
                asked.append(listing)
                return await super().counts_of(listing, use_cases)

        counting = Counting(Counted(jobs._pool))
        for listing in (Listing(), Listing(limit=3), Listing(status=(Status.DONE,)), Listing(client_id="a")):
            await counting.counts(listing)
        assert [one.client_id for one in asked] == [None, "a"]
        await counting.counts(Listing(), ["receipt"])
        assert len(asked) == 3


async def test_lists_say_what_a_running_job_is_doing(live: Live, jobs: Jobs) -> None:
    await jobs.insert_pending(submission())
    claim = (await jobs.claim(uuid4(), 1))[0]
    steps = LastSteps()
    head = await jobs.head(claim.ix_id)
    assert head is not None
    assert steps.beside(head) is head
    steps.note(Progress(ix_id=claim.ix_id, attempt=1, step="reading", done=1, of=4))
    assert steps.beside(head).progress == Doing(step="reading", done=1, of=4)
    await jobs.mark_done(claim, answer())
    ended = await jobs.head(claim.ix_id)
    assert ended is not None
    assert steps.beside(ended).progress is None
