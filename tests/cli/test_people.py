"""`ix sessions` and `ix audit`, in the test's own process."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from ix.config import Settings
from ix.database import Database
from ix.database.keys import Caller, Grant
from ix.database.sessions import Person
from tests.cli.conftest import Ix


@pytest.fixture
def people(ix: Ix, database_url: str) -> Ix:
    return lambda *arguments: ix(*arguments, IX_POSTGRES_URL=database_url)


def signed_in(database_url: str) -> list[str]:
    """Two sessions: a key's, and then a person's. Returns the start of their ids."""

    async def start() -> None:
        database = await Database.open(Settings(postgres_url=database_url))
        try:
            key_id = (await database.keys.add("acme", Grant(name="Anna Weber"))).split("_")[1]
            await database.sessions.start(b"\x01" * 32, key_id, Caller("acme", key_id, name="Anna Weber"))
            ben = Person("https://login.example", "7", "Ben", ("ops",), None)
            await database.sessions.start(b"\x02" * 32, ben, Caller(None, name="Ben", person="7"))
        finally:
            await database.close()

    asyncio.run(start())
    return ["01" * 6, "02" * 6]


def test_sessions_are_listed_and_ended(people: Ix, database_url: str) -> None:
    assert people("sessions").out == "nobody is signed in\n"
    first, second = signed_in(database_url)
    listed: list[dict[str, Any]] = json.loads(people("sessions", "--json").out)
    found = [(one["session_id"], one["name"], one["subject"]) for one in listed]
    assert found == [(second, "Ben", "7"), (first, "Anna Weber", None)]
    assert f"{first}  " in people("sessions").out
    done = people("sessions", "--end", first, "nothing")
    assert (done.code, done.out) == (1, f"{first}  ended\n")
    assert "there is no session nothing; `ix sessions` shows them" in done.err
    assert people("sessions", "--end", second).code == 0
    assert people("sessions").out == "nobody is signed in\n"


def test_the_audit_log_tells_who_did_what(people: Ix, database_url: str) -> None:
    assert people("audit").out == "nothing\n"
    first, _ = signed_in(database_url)
    people("sessions", "--end", first)
    people("keys", "add", "acme", "--name", "scanner")
    entries: list[dict[str, Any]] = json.loads(people("audit", "--json").out)
    assert [one["what"] for one in entries] == ["key.add", "session.end", "session.start", "session.start"]
    assert all(one["who"].endswith(", by command") for one in entries[:2])
    [told] = json.loads(people("audit", "--who", "Ben", "--what", "session.start", "--json").out)
    assert told["detail"] == {"issuer": "https://login.example", "subject": "7"}
    assert "session.end  " in people("audit", "--limit", 2).out
    assert people("audit", "--job", "0123456789abcdef").out == "nothing\n"
    assert people("audit", "--limit", 0).code == 2
