"""Authentication: who is let in, what a browser may do, how long a key is remembered."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from starlette.types import Scope

from ix.api.middleware import auth
from ix.api.middleware.auth import Authenticator, Revoked
from ix.api.middleware.memory import MAX_AGE_SECONDS, RECHECK_SECONDS
from ix.api.problems import Problem
from ix.config import Settings
from ix.database.channels import KEYS_CHANNEL
from ix.database.keys import EVERYBODY, Caller, Keyring
from ix.errors import Overloaded

OPEN = Keyring({}, open=True)


class Keys:
    """What the database holds, and how often it was asked."""

    def __init__(self, ring: Keyring) -> None:
        self.ring = ring
        self.reads = 0

    async def __call__(self) -> Keyring:
        self.reads += 1
        return self.ring


class Ring(Keyring):
    """A keyring of plain words."""

    def caller(self, key: str) -> Caller | None:
        return Caller("acme") if key in self.keys else None


def ring(*keys: str) -> Keyring:
    return Ring({key: (Caller("acme"), b"") for key in keys}, open=False)


def request(**headers: str) -> Scope:
    given = {"host": "127.0.0.1:8080", **{name.replace("_", "-"): value for name, value in headers.items()}}
    scope: dict[str, Any] = {"type": "http", "method": "GET", "path": "/jobs", "query_string": b"", "scheme": "http"}
    return {**scope, "headers": [(name.encode(), value.encode()) for name, value in given.items()]}


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


async def refused(authenticator: Authenticator, asked: Scope) -> Problem:
    with pytest.raises(Problem) as refusal:
        await authenticator.authenticate(asked)
    return refusal.value


class TestOpen:
    @pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
    async def test_on_loopback_everybody_is_let_in(self, host: str) -> None:
        assert await Authenticator(Settings(host=host), Keys(OPEN)).authenticate(request()) == EVERYBODY

    @pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "example.com"])
    async def test_elsewhere_nobody_is_and_is_told_what_to_do(self, host: str) -> None:
        problem = await refused(Authenticator(Settings(host=host), Keys(OPEN)), request())
        assert problem.status == 401
        assert "ix keys add" in problem.detail


class TestClosed:
    @pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
    async def test_a_key_is_let_in_under_any_name_of_the_service(self, scheme: str) -> None:
        asked = request(authorization=f"{scheme} k1", host="ix.example", sec_fetch_site="cross-site")
        assert await Authenticator(Settings(host="0.0.0.0"), Keys(ring("k1"))).authenticate(asked) == Caller("acme")

    async def test_a_key_that_has_expired_since_it_was_read_is_401(self, clock: Clock) -> None:
        keys = Keys(ring("k1")._replace(left={"": 2.0}))
        authenticator = Authenticator(Settings(), keys, clock)
        asked = request(authorization="Bearer k1")
        assert await authenticator.authenticate(asked) == Caller("acme")
        clock.now += 2.0
        assert "has expired" in (await refused(authenticator, asked)).detail
        assert keys.reads == 1

    @pytest.mark.parametrize(
        "headers", [{}, {"authorization": "Bearer k2"}, {"authorization": "Basic k1"}, {"authorization": "k1"}]
    )
    async def test_no_key_and_a_wrong_one_are_401(self, headers: dict[str, str]) -> None:
        problem = await refused(Authenticator(Settings(), Keys(ring("k1"))), request(**headers))
        assert (problem.status, problem.headers["www-authenticate"]) == (401, "Bearer")


class TestMemory:
    async def test_keys_are_read_once_and_again_after_a_while(self, clock: Clock) -> None:
        keys = Keys(ring("k1"))
        authenticator = Authenticator(Settings(), keys, clock)
        for _ in range(100):
            await authenticator.authenticate(request(authorization="Bearer k1"))
        assert keys.reads == 1
        clock.now += MAX_AGE_SECONDS + 0.1
        keys.ring = ring("k2")
        await refused(authenticator, request(authorization="Bearer k1"))
        assert keys.reads == 2

    async def test_all_who_wait_for_a_read_that_fails_fail_with_it_and_later_ones_read_again(self) -> None:
        reads, go_on = 0, asyncio.Event()

        async def fail_once() -> Keyring:
            nonlocal reads
            reads += 1
            await go_on.wait()
            if reads == 1:
                raise OSError
            return OPEN

        authenticator = Authenticator(Settings(), fail_once)
        waiting = [asyncio.create_task(authenticator.authenticate(request())) for _ in range(100)]
        await asyncio.sleep(0)
        go_on.set()
        found = await asyncio.gather(*waiting, return_exceptions=True)
        assert (reads, {type(one) for one in found}) == (1, {OSError, Overloaded})
        assert await authenticator.authenticate(request()) == EVERYBODY

    async def test_a_new_key_works_at_once_and_a_wrong_one_costs_few_reads(self, clock: Clock) -> None:
        keys = Keys(ring("k1"))
        authenticator = Authenticator(Settings(), keys, clock)
        await authenticator.authenticate(request(authorization="Bearer k1"))
        clock.now += RECHECK_SECONDS + 0.1
        keys.ring = ring("k1", "k2")
        assert await authenticator.authenticate(request(authorization="Bearer k2")) == Caller("acme")
        for _ in range(100):
            await refused(authenticator, request(authorization="Bearer wrong"))
        assert keys.reads == 2

    async def test_a_key_that_is_newer_than_the_last_read_waits_for_the_next(self) -> None:
        new = f"ix_{'0' * 12}_{'x' * 43}"
        keys = Keys(ring("k1"))
        authenticator = Authenticator(Settings(), keys)
        await authenticator.authenticate(request(authorization="Bearer k1"))
        keys.ring = ring("k1", new)
        assert await authenticator.authenticate(request(authorization=f"Bearer {new}")) == Caller("acme")
        assert keys.reads == 2


class TestHeld:
    """Those whose answer is held open. Both clocks stand still: only what is heard makes the authenticator read
    again."""

    async def test_one_whose_key_is_revoked_is_cut_off_and_others_are_not(self, clock: Clock) -> None:
        keys = Keys(ring("k1", "k2"))
        authenticator = Authenticator(Settings(), keys, clock)
        holding = {
            key: asyncio.create_task(hold(authenticator, request(authorization=f"Bearer {key}")))
            for key in ("k1", "k2")
        }
        await asyncio.sleep(0)
        keys.ring = ring("k2")
        clock.now += 0.01
        authenticator.heard(KEYS_CHANNEL, "")
        async with asyncio.timeout(5):
            with pytest.raises(Revoked, match="not valid any more"):
                await holding["k1"]
        assert not holding["k2"].done()
        await ended(authenticator, holding["k2"])

    async def test_the_first_key_cuts_everybody_off(self, clock: Clock) -> None:
        keys = Keys(OPEN)
        authenticator = Authenticator(Settings(), keys, clock)
        holding = asyncio.create_task(hold(authenticator, request()))
        await asyncio.sleep(0)
        keys.ring = ring("k1")
        clock.now += 0.01
        authenticator.missed()
        async with asyncio.timeout(5):
            with pytest.raises(Revoked):
                await holding
        await ended(authenticator)

    async def test_one_whose_key_expires_is_cut_off_then(self, clock: Clock) -> None:
        keys = Keys(ring("k1")._replace(left={"": 0.05}))
        authenticator = Authenticator(Settings(), keys, clock)
        async with asyncio.timeout(5):
            with pytest.raises(Revoked):
                await hold(authenticator, request(authorization="Bearer k1"))
        await ended(authenticator)

    async def test_one_whose_key_is_made_to_last_longer_goes_on(self, clock: Clock) -> None:
        keys = Keys(ring("k1")._replace(left={"": 3600.0}))
        authenticator = Authenticator(Settings(), keys, clock)
        holding = asyncio.create_task(hold(authenticator, request(authorization="Bearer k1")))
        await asyncio.sleep(0)
        [limit] = authenticator._held
        assert limit.when() is not None
        keys.ring = ring("k1")
        clock.now += 0.01
        authenticator.heard(KEYS_CHANNEL, "")
        async with asyncio.timeout(5):
            while limit.when() is not None:
                await asyncio.sleep(0)
        await ended(authenticator, holding)

    async def test_one_who_is_not_let_in_may_not_be_held(self) -> None:
        authenticator = Authenticator(Settings(), Keys(ring("k1")))
        with pytest.raises(Problem, match="is not valid"):
            await hold(authenticator, request(authorization="Bearer k2"))
        await ended(authenticator)

    async def test_a_database_that_blinks_is_asked_again(self, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(auth, "RETRY_SECONDS", 0.01)
        keys, fails = Keys(ring("k1")), [OSError, OSError]

        async def read() -> Keyring:
            if keys.reads and fails:
                raise fails.pop()
            return await keys()

        authenticator = Authenticator(Settings(), read, clock)
        holding = asyncio.create_task(hold(authenticator, request(authorization="Bearer k1")))
        await asyncio.sleep(0)
        keys.ring = ring()
        clock.now += 0.01
        authenticator.heard(KEYS_CHANNEL, "")
        async with asyncio.timeout(5):
            with pytest.raises(Revoked):
                await holding
        await ended(authenticator)

    async def test_a_read_that_began_before_the_notification_does_not_count(self, clock: Clock) -> None:
        keys = Keys(ring("k1"))
        authenticator = Authenticator(Settings(), keys, clock)
        await authenticator.authenticate(request(authorization="Bearer k1"))
        authenticator.heard(KEYS_CHANNEL, "")
        keys.ring = ring()
        await refused(authenticator, request(authorization="Bearer k1"))
        await ended(authenticator)


async def hold(authenticator: Authenticator, asked: Scope) -> None:
    async with authenticator.while_authorized(asked):
        await asyncio.Event().wait()


async def ended(authenticator: Authenticator, *holding: asyncio.Task[None]) -> None:
    for one in holding:
        one.cancel()
    await asyncio.gather(*holding, return_exceptions=True)
    await authenticator.stop()
    assert not authenticator._held
