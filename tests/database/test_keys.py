"""Keys at rest and as they are checked."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import asyncpg
import pytest

from ix.database.connect import Pool
from ix.database.keys import CLIENTS_RIGHTS, EVERY_RIGHT, EVERYBODY, RIGHTS, Caller, Grant, Keyring, Keys
from ix.errors import IxError


@pytest.fixture
def keys(pool: Pool) -> Keys:
    return Keys(pool)


async def test_a_key_belongs_to_its_client_and_an_admins_to_nobody(keys: Keys) -> None:
    assert (await keys.ring()).open
    acme, admin = await keys.add("acme"), await keys.add(None)
    ring = await keys.ring()
    assert not ring.open
    assert ring.caller(acme) == Caller("acme", acme.split("_")[1], CLIENTS_RIGHTS)
    assert ring.caller(admin) == Caller(None, admin.split("_")[1], EVERY_RIGHT)


async def test_only_the_hash_is_stored(keys: Keys, pool: Pool) -> None:
    key = await keys.add("acme")
    row = dict(await pool.fetchrow("SELECT * FROM api_keys") or {})
    assert row["sha256"] == hashlib.sha256(key.encode()).digest()
    # the secret may hold underscores of its own
    assert key.split("_", 2)[2] not in str(row)


SPOILED = [str.upper, lambda k: k[:-1], lambda k: k + "A", lambda k: k[:16] + "A" * 43, lambda k: "", lambda k: f" {k}"]


@pytest.mark.parametrize("spoil", SPOILED)
async def test_what_is_nearly_a_key_is_none(keys: Keys, spoil: Callable[[str], str]) -> None:
    key = await keys.add("acme")
    assert (await keys.ring()).caller(spoil(key)) is None


async def test_a_revoked_key_is_none_and_its_service_stays_closed(keys: Keys) -> None:
    key = await keys.add("acme")
    [head] = await keys.list()
    await keys.revoke(head.key_id)
    ring = await keys.ring()
    assert ring.caller(key) is None
    assert not ring.open
    [head] = await keys.list()
    assert head.revoked_at is not None


async def test_an_unknown_key_cannot_be_revoked(keys: Keys) -> None:
    with pytest.raises(IxError, match="there is no key 0123"):
        await keys.revoke("0123")


async def test_a_key_has_what_it_is_given(keys: Keys) -> None:
    key = await keys.add("acme", Grant(name="scanner", may=["view", "submit"], use_cases=["invoice"], seconds=3600))
    ring = await keys.ring()
    caller = ring.caller(key)
    assert caller is not None
    assert [right for right in RIGHTS if caller.allows(right)] == ["submit", "view"]
    assert (caller.knows("invoice"), caller.knows("receipt")) == (True, False)
    assert 3590 < ring.left[caller.key_id] <= 3600
    [head] = await keys.list()
    assert (head.name, head.may, head.use_cases, head.used_at) == ("scanner", ["submit", "view"], ["invoice"], None)
    assert head.expires_at is not None
    assert head.expires_at > head.created_at


@pytest.mark.parametrize(
    ("client_id", "grant"),
    [
        ("acme", Grant(may=["fly"])),
        ("acme", Grant(may=["view", "administer"])),
        (None, Grant(may=[])),
        ("acme", Grant(use_cases=[])),
        ("acme", Grant(name="x" * 201)),
    ],
)
async def test_the_database_refuses_what_no_key_can_be(keys: Keys, client_id: str | None, grant: Grant) -> None:
    with pytest.raises(asyncpg.CheckViolationError):
        await keys.add(client_id, grant)
    assert (await keys.ring()).open


async def test_a_key_of_the_version_before_has_the_rights_of_its_kind(keys: Keys, pool: Pool) -> None:
    made = "INSERT INTO api_keys (key_id, client_id, sha256) VALUES ($1, $2, sha256(''))"
    await pool.execute(made, "0123456789ab", "acme")
    await pool.execute(made, "0123456789ac", None)
    assert [head.may for head in await keys.list()] == [["submit", "view", "review", "export"], list(RIGHTS)]
    assert {caller.may for caller, _ in (await keys.ring()).keys.values()} == {CLIENTS_RIGHTS, EVERY_RIGHT}


def test_only_a_key_that_was_granted_it_goes_before_others() -> None:
    assert not EVERYBODY.precedes
    assert all(EVERYBODY.allows(right) for right in RIGHTS)
    assert not Caller("acme", "0123456789ab", CLIENTS_RIGHTS).precedes
    assert Caller("acme", "0123456789ab", CLIENTS_RIGHTS | {"operate"}).precedes


async def test_the_last_use_is_noted_once_in_a_while(keys: Keys) -> None:
    used, idle = [(await keys.add("acme")).split("_")[1] for _ in range(2)]
    await keys.mark_used([used, "no such key"], 60)
    [first] = [head for head in await keys.list() if head.used_at]
    assert first.key_id == used
    await keys.mark_used([used, idle], 60)
    heads = {head.key_id: head for head in await keys.list()}
    assert heads[used].used_at == first.used_at
    assert heads[idle].used_at is not None
    await keys.mark_used([used], 0)
    assert {head.key_id: head for head in await keys.list()}[used].used_at != first.used_at


def test_no_key_is_the_key_of_nobody() -> None:
    assert Keyring({}, open=False).caller("nobody") is None
