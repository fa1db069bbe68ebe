"""Keys at rest and as they are checked."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest

from ix.database.connect import Pool
from ix.database.keys import EVERYBODY, Caller, Keyring, Keys
from ix.errors import IxError


@pytest.fixture
def keys(pool: Pool) -> Keys:
    return Keys(pool)


async def test_a_key_belongs_to_its_client_and_an_admins_to_nobody(keys: Keys) -> None:
    assert (await keys.ring()).open
    acme, admin = await keys.add("acme"), await keys.add(None)
    ring = await keys.ring()
    assert not ring.open
    assert ring.caller(acme) == Caller("acme")
    assert ring.caller(admin) == EVERYBODY


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


def test_no_key_is_the_key_of_nobody() -> None:
    assert Keyring({}, open=False).caller("nobody") is None
