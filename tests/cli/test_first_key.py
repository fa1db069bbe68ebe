"""`IX_BOOTSTRAP_KEY`: the key that a service begins with, made valid by whoever migrates."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import asyncpg
import pytest

from ix.config import Settings
from ix.database import Database
from ix.database.connect import Pool
from ix.database.keys import EVERY_RIGHT, RIGHTS, Caller, Keys
from ix.errors import ConfigError
from tests import processes
from tests.accounts import accounts
from tests.cli.conftest import Ix


def drawn() -> str:
    return f"ix_{secrets.token_hex(6)}_{secrets.token_urlsafe(32)}"


@pytest.fixture
def keys(pool: Pool) -> Keys:
    return Keys(pool)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "key"
    file.touch(0o600)
    file.write_text(drawn() + "\n")
    return file


def migrate(ix: Ix, url: str, file: Path) -> str:
    done = ix("migrate", IX_POSTGRES_URL=url, IX_BOOTSTRAP_KEY_FILE=str(file))
    assert done.code == 0, done.err
    return done.out + done.err


def test_it_is_an_admins_from_then_on_and_never_printed(ix: Ix, empty_database_url: str, file: Path) -> None:
    key = file.read_text().strip()
    said = migrate(ix, empty_database_url, file)
    assert f"key {key.split('_')[1]} is valid from now on" in said
    assert key.split("_", 2)[2] not in said
    [head] = json.loads(ix("keys", "list", "--json", IX_POSTGRES_URL=empty_database_url).out)
    assert (head["client_id"], head["name"], head["may"]) == (None, "first key", list(RIGHTS))
    [entry] = json.loads(ix("audit", "--json", IX_POSTGRES_URL=empty_database_url).out)
    assert (entry["what"], entry["detail"]["key"]) == ("key.add", head["key_id"])
    with processes.web(empty_database_url) as address:
        assert ix("jobs", IX_URL=address, IX_KEY=key).code == 0
        assert ix("jobs", IX_URL=address, IX_KEY=drawn()).code != 0


def test_the_embedded_database_has_it_as_soon_as_it_is_there(ix: Ix, home: Path, file: Path) -> None:
    done = ix("keys", "list", "--json", IX_HOME=str(home), IX_BOOTSTRAP_KEY_FILE=str(file))
    assert "is valid from now on" in done.err
    assert [key["name"] for key in json.loads(done.out)] == ["first key"]


def test_again_it_changes_nothing(ix: Ix, database_url: str, file: Path) -> None:
    migrate(ix, database_url, file)
    before = ix("keys", "list", "--json").out
    assert "a key was made before" in migrate(ix, database_url, file)
    assert ix("keys", "list", "--json").out == before


def test_nor_does_another_one_even_where_the_first_was_revoked(ix: Ix, database_url: str, file: Path) -> None:
    migrate(ix, database_url, file)
    key_id = file.read_text().split("_")[1]
    assert ix("keys", "revoke", key_id).code == 0
    file.write_text(drawn())
    assert "a key was made before" in migrate(ix, database_url, file)
    [head] = json.loads(ix("keys", "list", "--json").out)
    assert head["key_id"] == key_id
    assert head["revoked_at"] is not None


async def test_of_many_at_once_one_is_made(keys: Keys) -> None:
    made = await asyncio.gather(*(keys.add_first(drawn()) for _ in range(8)))
    assert sorted(made) == [False] * 7 + [True]
    assert len(await keys.list()) == 1


async def test_where_there_is_a_key_it_waits_for_no_lock(keys: Keys, pool: Pool) -> None:
    await keys.add("acme")
    async with pool.acquire() as other, other.transaction():
        await other.execute("LOCK TABLE api_keys IN ROW EXCLUSIVE MODE")
        async with asyncio.timeout(5):
            assert not await keys.add_first(drawn())


async def test_it_is_known_as_any_other_key(keys: Keys) -> None:
    key = drawn()
    assert await keys.add_first(key)
    assert (await keys.ring()).caller(key) == Caller(None, key.split("_")[1], EVERY_RIGHT, None, "first key")


def test_two_processes_may_begin_at_once(empty_database_url: str, file: Path) -> None:
    named = {"IX_BOOTSTRAP_KEY_FILE": str(file)}
    with ThreadPoolExecutor(2) as two:
        runs = [two.submit(processes.run_ix, empty_database_url, "migrate", **named) for _ in range(2)]
        assert [bool(run.result()) for run in runs] == [True, True]
    assert len(json.loads(processes.run_ix(empty_database_url, "keys", "list", "--json"))) == 1


@pytest.mark.parametrize("role", ["ix_web", "ix_engine"])
def test_the_accounts_of_web_and_engine_may_not(server_url: str, database_url: str, role: str) -> None:
    async def add(url: str) -> None:
        database = await Database.open(Settings(postgres_url=url))
        try:
            await database.keys.add_first(drawn())
        finally:
            await database.close()

    with accounts(server_url, database_url) as urls, pytest.raises(asyncpg.InsufficientPrivilegeError):
        asyncio.run(add(urls[role]))


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o602, 0o644, 0o700])
def test_a_file_that_is_not_its_owners_alone_is_refused(file: Path, mode: int, monkeypatch: pytest.MonkeyPatch) -> None:
    belongs_to(file, 1000, mode, monkeypatch)
    with pytest.raises(ConfigError, match=f"^IX_BOOTSTRAP_KEY_FILE: others may read or change {file}") as refusal:
        Settings.from_env({"IX_BOOTSTRAP_KEY_FILE": str(file)})
    assert file.read_text().strip() not in str(refusal.value)


@pytest.mark.parametrize(("owner", "mode"), [(1000, 0o600), (1000, 0o400), (0, 0o440), (0, 0o640), (0, 0o400)])
def test_roots_file_may_be_its_groups_to_read(
    file: Path, owner: int, mode: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    belongs_to(file, owner, mode, monkeypatch)
    found = Settings.from_env({"IX_BOOTSTRAP_KEY_FILE": str(file)})
    assert found.bootstrap_key.get_secret_value() == file.read_text().strip()


@pytest.mark.parametrize("mode", [0o660, 0o444, 0o604, 0o750])
def test_roots_file_is_refused_where_more_than_its_group_reads_it(
    file: Path, mode: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    belongs_to(file, 0, mode, monkeypatch)
    with pytest.raises(ConfigError, match="others may read or change"):
        Settings.from_env({"IX_BOOTSTRAP_KEY_FILE": str(file)})


@pytest.mark.parametrize("spoil", ["{}A", "{}\nB", "ix_0_{}", "{0} {0}"])
def test_what_is_no_key_is_not_quoted(file: Path, spoil: str) -> None:
    key = drawn()
    file.write_text(spoil.format(key))
    with pytest.raises(ConfigError, match=r"^IX_BOOTSTRAP_KEY_FILE: .*holds no valid value") as refusal:
        Settings.from_env({"IX_BOOTSTRAP_KEY_FILE": str(file)})
    with pytest.raises(ConfigError, match=r"^IX_BOOTSTRAP_KEY: is no key") as other:
        Settings.from_env({"IX_BOOTSTRAP_KEY": spoil.format(key)})
    assert key not in str(refusal.value) + str(other.value)


def belongs_to(file: Path, owner: int, mode: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets a file look as if it were another account's: only root could give it away."""
    file.chmod(0o600)
    real = os.fstat(os.open(file, os.O_RDONLY))
    shown = os.stat_result([0o100000 | mode, *real[1:4], owner, *real[5:]])
    monkeypatch.setattr("ix.config.reading.os.fstat", lambda _: shown)
