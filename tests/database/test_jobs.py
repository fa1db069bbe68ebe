"""Jobs against a real PostgreSQL: idempotent inserts, exclusive claims, fenced finishes, rescue."""

from __future__ import annotations

import asyncio
import itertools
import re
from collections import Counter
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from ix.config import Settings
from ix.database.channels import JOBS_CHANNEL, SCHEDULED_CHANNEL
from ix.database.connect import Pool, open_connection
from ix.database.documents import Documents
from ix.database.engines import Engines
from ix.database.jobs import Finish, Jobs, Outcome
from ix.job import CallbackStatus, Claim, Problem, Response, Status
from tests.factories import answer, submission

LIVES, FROZEN = 3600.0, 0.0
"""Liveness limits in seconds: every heartbeat is fresh, or every one is stale."""


async def claim_one(jobs: Jobs, pool: Pool, **fields: Any) -> Claim:
    """Inserts a job and claims it for a registered engine."""
    await jobs.insert_pending(submission(**fields))
    claim = await jobs.claim_next_pending(await register(pool))
    assert claim is not None
    return claim


KEY_ALONE = """
    INSERT INTO jobs (client_id, request_id, use_case, fingerprint, max_attempts, request, status, position)
    VALUES ($1, $2, 'drill', sha256(''), 1, '{}', 'pending', 0)"""


async def blocked(pool: Pool, number: int) -> None:
    """Returns when as many transactions wait for another one's end."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    async with asyncio.timeout(10):
        while await pool.fetchval(waiting) < number:
            await asyncio.sleep(0.01)


async def register(pool: Pool, lock_key: int = 0) -> UUID:
    engine_id = uuid4()
    async with pool.acquire() as connection:
        await Engines.heartbeat(connection, engine_id, lock_key or engine_id.int % 2**31, "test", {})
    return engine_id


class TestInsert:
    async def test_assigns_sixteen_hex_digits_that_grow(self, jobs: Jobs) -> None:
        ids = [(await jobs.insert_pending(submission())).job.ix_id for _ in range(20)]
        assert all(len(i) == 16 and int(i, 16) >= 0 for i in ids)
        assert ids == sorted(ids)

    async def test_tells_inserted_from_same_from_clash(self, jobs: Jobs) -> None:
        first = await jobs.insert_pending(submission(request_id="1"))
        again = await jobs.insert_pending(submission(request_id="1"))
        other = await jobs.insert_pending(submission(request_id="1", options={"action": "fail"}))
        assert [first.outcome, again.outcome, other.outcome] == [Outcome.INSERTED, Outcome.SAME, Outcome.CLASH]
        assert again.job == first.job

    @pytest.mark.parametrize(
        "fields",
        [
            {},
            {
                "priority": -7,
                "callback_url": "https://hooks.example.com/",
                "max_attempts": 9,
                "trace": f"00-{'a' * 32}-{'b' * 16}-01",
            },
            {"run_at": datetime(2199, 1, 1, tzinfo=UTC)},
            {"run_at": datetime(2019, 1, 1, tzinfo=UTC)},
            {"use_case": "invoice"},
        ],
        ids=lambda fields: ",".join(fields) or "plain",
    )
    async def test_a_lone_one_is_stored_and_told_of_like_one_of_many(
        self, settings: Settings, jobs: Jobs, pool: Pool, fields: dict[str, Any]
    ) -> None:
        await pool.execute("INSERT INTO queues (use_case, queue) VALUES ('invoice', 'invoice')")
        heard: list[str] = []
        listening = await open_connection(settings, "test")
        for channel in (JOBS_CHANNEL, SCHEDULED_CHANNEL):
            await listening.add_listener(channel, lambda *told: heard.append(told[2]))
        alone = (await jobs.insert_pending(submission(client="alone", **fields))).job
        many = [
            one.job
            for one in await jobs.insert_many([submission(client=client, **fields) for client in ("one", "two")])
        ]
        await listening.execute("SELECT")
        await listening.close()
        assert heard == [SCHEDULED_CHANNEL if alone.status is Status.SCHEDULED else JOBS_CHANNEL] * 2
        first, *others = [
            {
                name: value
                for name, value in row.items()
                if name not in ("ix_id", "client_id", "request_id", "created_at")
            }
            for row in await pool.fetch("SELECT * FROM jobs ORDER BY ix_id")
        ]
        assert others == [first, first]
        assert [await jobs.get(job.ix_id) for job in (alone, *many)] == [alone, *many]

    async def test_the_same_request_id_of_another_client_is_another_job(self, jobs: Jobs) -> None:
        mine = await jobs.insert_pending(submission(request_id="1"))
        theirs = await jobs.insert_pending(submission(request_id="1", client="other"))
        assert theirs.outcome is Outcome.INSERTED
        assert theirs.job.ix_id != mine.job.ix_id

    async def test_forty_at_once_make_one_job(self, jobs: Jobs) -> None:
        inserted = await asyncio.gather(*(jobs.insert_pending(submission(request_id="1")) for _ in range(40)))
        assert Counter(i.outcome for i in inserted) == {Outcome.INSERTED: 1, Outcome.SAME: 39}
        assert len({i.job.ix_id for i in inserted}) == 1

    async def test_many_with_a_key_twice_settle_in_order(self, jobs: Jobs) -> None:
        batch = [submission(request_id="1"), submission(request_id="2"), submission(request_id="1")]
        outcomes = [i.outcome for i in await jobs.insert_many(batch)]
        assert outcomes == [Outcome.INSERTED, Outcome.INSERTED, Outcome.SAME]

    async def test_batches_that_share_keys_in_another_order_do_not_deadlock(self, jobs: Jobs, pool: Pool) -> None:
        first, held, last = (submission(request_id=key) for key in ("1", "hold", "3"))
        async with pool.acquire() as holder:
            transaction = holder.transaction()
            await transaction.start()
            await holder.execute(KEY_ALONE, held.client_id, held.request_id)
            batches = [
                asyncio.ensure_future(jobs.insert_many(batch)) for batch in ([first, held, last], [last, held, first])
            ]
            await blocked(pool, len(batches))
            await transaction.rollback()
        outcomes = [inserted.outcome for inserted in itertools.chain(*await asyncio.gather(*batches))]
        assert Counter(outcomes) == {Outcome.INSERTED: 3, Outcome.SAME: 3}

    async def test_documents_are_stored_once_by_content(self, jobs: Jobs, pool: Pool) -> None:
        for _ in range(2):
            await jobs.insert_pending(submission(document=b"hello"))
        sha = submission(document=b"hello").request.documents[0].sha256
        assert await Documents(pool).read([str(sha)]) == {sha: b"hello"}
        assert await pool.fetchval("SELECT count(*) FROM documents") == 1

    async def test_notifies_once_for_a_batch(self, jobs: Jobs, settings: Settings) -> None:
        heard: asyncio.Queue[str] = asyncio.Queue()
        connection = await open_connection(settings, "test")
        await connection.add_listener(JOBS_CHANNEL, lambda *_: heard.put_nowait("jobs"))
        await jobs.insert_many([submission() for _ in range(5)])
        async with asyncio.timeout(5):
            await heard.get()
        await connection.execute("SELECT 1")
        assert heard.empty()
        await connection.close()

    async def test_a_full_notification_queue_does_not_lose_the_job(
        self, jobs: Jobs, pool: Pool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        fetch = jobs._fetch

        async def full(sql: str, *arguments: object) -> list[asyncpg.Record]:
            if arguments[-1] is True:
                raise asyncpg.ProgramLimitExceededError("too many notifications in the NOTIFY queue")
            return await fetch(sql, *arguments)

        monkeypatch.setattr(jobs, "_fetch", full)
        assert (await jobs.insert_pending(submission())).outcome is Outcome.INSERTED


class TestGet:
    async def test_reads_back_what_was_stored(self, jobs: Jobs) -> None:
        inserted = (await jobs.insert_pending(submission(document=b"x", callback_url="http://127.0.0.1/"))).job
        assert await jobs.get(inserted.ix_id) == inserted
        assert await jobs.get_by_correlation(inserted.client_id, inserted.request_id) == inserted

    async def test_unknown_is_none(self, jobs: Jobs) -> None:
        assert await jobs.get("0" * 16) is None
        assert await jobs.get_by_correlation("acme", "?") is None


class TestClaim:
    async def test_eight_claimers_dispatch_two_thousand_rows_once_each(self, jobs: Jobs, pool: Pool) -> None:
        await jobs.insert_many([submission() for _ in range(2000)])

        async def claimer() -> list[str]:
            engine, mine = await register(pool), []
            while claims := await jobs.claim(engine, 7):
                mine += [claim.ix_id for claim in claims]
            return mine

        dispatched = [ix_id for mine in await asyncio.gather(*(claimer() for _ in range(8))) for ix_id in mine]
        assert len(dispatched) == 2000
        assert len(set(dispatched)) == 2000

    async def test_oldest_first_and_never_more_than_asked(self, jobs: Jobs, pool: Pool) -> None:
        ids = [i.job.ix_id for i in await jobs.insert_many([submission() for _ in range(5)])]
        assert [c.ix_id for c in await jobs.claim(await register(pool), 3)] == sorted(ids)[:3]

    async def test_nothing_pending_is_none(self, jobs: Jobs) -> None:
        assert await jobs.claim_next_pending(uuid4()) is None

    async def test_each_claim_has_its_own_token(self, jobs: Jobs, pool: Pool) -> None:
        claim = await claim_one(jobs, pool)
        await jobs.release([claim])
        again = await jobs.claim_next_pending(uuid4())
        assert again is not None
        assert again.ix_id == claim.ix_id
        assert again.token != claim.token


class TestFinish:
    async def test_done_exactly_when_there_is_no_error(self, jobs: Jobs, pool: Pool) -> None:
        claim = await claim_one(jobs, pool)
        assert await jobs.mark_done(claim, answer(total=1.5)) is Finish.STORED
        job = await jobs.get(claim.ix_id)
        assert job is not None
        assert (job.status, job.attempts, job.response) == (Status.DONE, 1, answer(total=1.5))
        assert job.started_at is not None
        assert job.finished_at is not None

    async def test_a_response_with_an_error_ends_in_error(self, jobs: Jobs, pool: Pool) -> None:
        claim = await claim_one(jobs, pool)
        await jobs.mark_done(claim, Response(result={"half": 1}, error=Problem(code="x", message="y")))
        job = await jobs.get(claim.ix_id)
        assert job is not None
        assert job.status is Status.ERROR

    async def test_mark_error_stores_code_and_message(self, jobs: Jobs, pool: Pool) -> None:
        claim = await claim_one(jobs, pool)
        await jobs.mark_error(claim, "time_limit", "took too long")
        job = await jobs.get(claim.ix_id)
        assert job is not None
        assert job.response is not None
        assert job.response.error == Problem(code="time_limit", message="took too long")

    async def test_a_stale_claim_changes_nothing(self, jobs: Jobs, pool: Pool) -> None:
        stale = await claim_one(jobs, pool)
        await jobs.sweep_orphans(FROZEN, FROZEN)
        [fresh] = await jobs.claim_quarantined(await register(pool))
        assert await jobs.mark_done(stale, answer(by="stale")) is Finish.STALE
        assert await jobs.release([stale]) == []
        assert await jobs.mark_done(fresh, answer(by="fresh")) is Finish.STORED
        assert await jobs.mark_done(stale, answer(by="stale")) is Finish.STALE
        job = await jobs.get(stale.ix_id)
        assert job is not None
        assert job.response == answer(by="fresh")

    async def test_a_repeated_finish_is_recognised_and_changes_nothing(self, jobs: Jobs, pool: Pool) -> None:
        claim = await claim_one(jobs, pool)
        await jobs.mark_done(claim, answer(n=1))
        assert await jobs.mark_done(claim, answer(n=2)) is Finish.REPEATED
        job = await jobs.get(claim.ix_id)
        assert job is not None
        assert (job.response, job.attempts) == (answer(n=1), 1)

    async def test_many_finish_with_their_own_outcomes(self, jobs: Jobs, pool: Pool) -> None:
        await jobs.insert_many([submission() for _ in range(3)])
        one, two, three = await jobs.claim(await register(pool), 3)
        await jobs.release([two])
        finishes = await jobs.finish_many([(three, answer()), (two, answer()), (one, answer())])
        assert finishes == [Finish.STORED, Finish.STALE, Finish.STORED]

    async def test_release_spends_no_attempt(self, jobs: Jobs, pool: Pool) -> None:
        claim = await claim_one(jobs, pool)
        assert await jobs.release([claim]) == [claim.ix_id]
        job = await jobs.get(claim.ix_id)
        assert job is not None
        assert (job.status, job.attempts, job.started_at) == (Status.PENDING, 0, None)


class TestCallbackStatus:
    @pytest.mark.parametrize("status", [CallbackStatus.DELIVERED, CallbackStatus.FAILED])
    async def test_changes_no_status(self, jobs: Jobs, pool: Pool, status: CallbackStatus) -> None:
        claim = await claim_one(jobs, pool, callback_url="http://127.0.0.1/")
        await jobs.mark_done(claim, answer())
        ended = await jobs.get(claim.ix_id)
        await jobs.update_callback_status(claim.ix_id, status)
        job = await jobs.get(claim.ix_id)
        assert ended is not None
        assert ended.callback_status is CallbackStatus.PENDING
        assert job == ended.model_copy(update={"callback_status": status})


class TestSweep:
    async def test_leaves_the_jobs_of_a_living_engine(self, jobs: Jobs, pool: Pool, settings: Settings) -> None:
        connection = await open_connection(settings, "engine")
        engine = await register(pool, lock_key=7)
        assert await Engines.hold_lock(connection, 7)
        await jobs.insert_pending(submission())
        await jobs.claim_next_pending(engine)
        assert await jobs.sweep_orphans(LIVES, 0) == []
        assert await jobs.sweep_orphans(LIVES, 0) == []
        await connection.close()

    async def test_a_dropped_connection_is_noticed_first_and_believed_after_the_grace(
        self, jobs: Jobs, pool: Pool, settings: Settings
    ) -> None:
        # a server that has just started takes nobody for dead
        await pool.execute("SELECT pg_sleep_until(pg_postmaster_start_time() + interval '5.1 seconds')")
        engine = await register(pool, lock_key=7)
        await jobs.insert_pending(submission())
        claim = await jobs.claim_next_pending(engine)
        assert claim is not None
        assert await jobs.sweep_orphans(LIVES, 3600) == []
        assert await jobs.sweep_orphans(LIVES, 3600) == []
        [orphan] = await jobs.sweep_orphans(LIVES, 0)
        assert (orphan.ix_id, orphan.attempts, orphan.ended, orphan.last_error) == (
            claim.ix_id,
            1,
            False,
            "the engine died",
        )

    async def test_a_heartbeat_within_the_grace_clears_the_suspicion(self, jobs: Jobs, pool: Pool) -> None:
        engine = await register(pool, lock_key=7)
        await jobs.insert_pending(submission())
        await jobs.claim_next_pending(engine)
        await jobs.sweep_orphans(LIVES, 3600)
        async with pool.acquire() as connection:
            assert await Engines.heartbeat(connection, engine, 7, "test", {}) is False
        assert await jobs.sweep_orphans(LIVES, 0) == [], "noticed again, not yet believed"

    async def test_a_frozen_engine_is_believed_by_its_stale_heartbeat(
        self, jobs: Jobs, pool: Pool, settings: Settings
    ) -> None:
        connection = await open_connection(settings, "engine")
        engine = await register(pool, lock_key=7)
        assert await Engines.hold_lock(connection, 7)
        await jobs.insert_pending(submission())
        await jobs.claim_next_pending(engine)
        [orphan] = await jobs.sweep_orphans(FROZEN, LIVES)
        assert orphan.last_error == "the engine gave no sign of life"
        await connection.close()

    async def test_after_the_last_attempt_it_ends_in_error_with_its_cause(self, jobs: Jobs, pool: Pool) -> None:
        claim = await claim_one(jobs, pool, max_attempts=2)
        await jobs.sweep_orphans(FROZEN, FROZEN)
        await jobs.claim_quarantined(await register(pool))
        [orphan] = await jobs.sweep_orphans(FROZEN, FROZEN)
        assert orphan.ended
        job = await jobs.get(claim.ix_id)
        assert job is not None
        assert (job.status, job.attempts) == (Status.ERROR, 2)
        assert job.response is not None
        assert job.response.error is not None
        assert job.response.error.code == "engine_lost"

    async def test_an_orphan_runs_alone_and_what_came_after_waits(self, jobs: Jobs, pool: Pool) -> None:
        orphan = await claim_one(jobs, pool)
        await jobs.sweep_orphans(FROZEN, FROZEN)
        later = (await jobs.insert_pending(submission())).job
        engine = await register(pool)
        assert await jobs.claim(engine, 10) == []
        assert [c.ix_id for c in await jobs.claim_quarantined(engine)] == [orphan.ix_id]
        assert [c.ix_id for c in await jobs.claim(engine, 10)] == [later.ix_id]


class TestTable:
    """The state machine stands in the table itself."""

    @pytest.mark.parametrize(
        ("change", "constraint"),
        [
            ("engine_id = gen_random_uuid()", "jobs_life"),
            ("status = 'running', engine_id = gen_random_uuid()", "jobs_life"),
            ("status = 'done', finished_at = now()", "jobs_life"),
            ("status = 'done', finished_at = now(), response = '{\"error\": {}}'", "jobs_life"),
            ("status = 'error', finished_at = now(), response = '{\"error\": null}'", "jobs_life"),
            ("finished_at = now()", "jobs_life"),
            ("started_at = now()", "jobs_life"),
            ("status = 'elsewhere'", "jobs_life"),
            ("callback_status = 'delivered'", "jobs_called_back"),
        ],
    )
    async def test_refuses_what_no_life_can_hold(self, jobs: Jobs, pool: Pool, change: str, constraint: str) -> None:
        await jobs.insert_pending(submission())
        with pytest.raises(asyncpg.CheckViolationError) as refused:
            await pool.execute(f"UPDATE jobs SET {change}")
        assert refused.value.constraint_name == constraint

    async def test_the_claim_reads_the_partial_index(self, jobs: Jobs, pool: Pool) -> None:
        await jobs.insert_many([submission() for _ in range(500)])
        await pool.execute(
            "UPDATE jobs SET status = 'cancelled', finished_at = now() WHERE ix_id > (SELECT min(ix_id) FROM jobs)"
        )
        await pool.execute("ANALYZE jobs")
        async with pool.acquire() as connection:
            plan = "\n".join(row[0] for row in await connection.fetch(f"EXPLAIN {Jobs._CLAIM}", uuid4(), 5, uuid4()))
        assert "Index Scan using jobs_pending" in plan or "Index Only Scan using jobs_pending" in plan

    async def test_no_statement_of_a_jobs_life_reads_the_whole_table(self, pool: Pool) -> None:
        """Plans are made once, for any parameters: one that guesses a limit wrongly may read 60,000 rows to find
        one."""
        await pool.execute(FILL)
        await pool.execute("ANALYZE jobs")
        claims = (Jobs._CLAIM, Jobs._CLAIM_AMONG_QUEUES, Jobs._CLAIM_QUARANTINED)
        statements = (*claims, Jobs._FINISH, Jobs._RELEASE, Jobs._POSTPONE, Jobs._PROMOTE)
        plans = [await generic_plan(pool, sql) for sql in statements]
        assert [found for found in plans if "Seq Scan on jobs" in found] == []


FILL = """
    INSERT INTO jobs (client_id, request_id, use_case, fingerprint, max_attempts, request, position)
    SELECT 'c' || n % 10, n, 'drill', sha256(''), 3, '{"documents": [], "options": {}}', n / 10
    FROM generate_series(1, 60000) AS n"""


async def generic_plan(pool: Pool, sql: str) -> str:
    """How PostgreSQL means to run a statement whatever its parameters are."""
    count = max(map(int, re.findall(r"\$(\d+)", sql)), default=0)
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(f"PREPARE planned AS {sql}")
        rows = await connection.fetch(
            f"EXPLAIN EXECUTE planned {'(' + ', '.join(['NULL'] * count) + ')' if count else ''}"
        )
        await connection.execute("DEALLOCATE planned")
        return "\n".join(row[0] for row in rows)
