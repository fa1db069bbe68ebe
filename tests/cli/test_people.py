"""`ix sessions` and `ix audit`, in the test's own process."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from ix.api.console.oidc.provider import Provider
from ix.cli.doctor import people
from ix.cli.doctor.patient import Patient, State
from ix.config import Settings
from ix.database import Database
from ix.database.keys import Caller, Grant
from ix.database.sessions import Person
from tests.api.console.oidc_provider import ISSUER, FakeProvider
from tests.api.console.test_oidc import OFFICE
from tests.cli.conftest import Ix


@pytest.fixture
def command(ix: Ix, database_url: str) -> Ix:
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


def test_sessions_are_listed_and_ended(command: Ix, database_url: str) -> None:
    assert command("sessions").out == "nobody is signed in\n"
    first, second = signed_in(database_url)
    listed: list[dict[str, Any]] = json.loads(command("sessions", "--json").out)
    found = [(one["session_id"], one["name"], one["subject"]) for one in listed]
    assert found == [(second, "Ben", "7"), (first, "Anna Weber", None)]
    assert f"{first}  " in command("sessions").out
    done = command("sessions", "--end", first, "nothing")
    assert (done.code, done.out) == (1, f"{first}  ended\n")
    assert "there is no session nothing; `ix sessions` shows them" in done.err
    assert command("sessions", "--end", second).code == 0
    assert command("sessions").out == "nobody is signed in\n"


def test_the_audit_log_tells_who_did_what(command: Ix, database_url: str) -> None:
    assert command("audit").out == "nothing\n"
    first, _ = signed_in(database_url)
    command("sessions", "--end", first)
    command("keys", "add", "acme", "--name", "scanner")
    entries: list[dict[str, Any]] = json.loads(command("audit", "--json").out)
    assert [one["what"] for one in entries] == ["key.add", "session.end", "session.start", "session.start"]
    assert all(one["who"].endswith(", by command") for one in entries[:2])
    [told] = json.loads(command("audit", "--who", "Ben", "--what", "session.start", "--json").out)
    assert told["detail"] == {"issuer": "https://login.example", "subject": "7"}
    assert "session.end  " in command("audit", "--limit", 2).out
    assert command("audit", "--job", "0123456789abcdef").out == "nothing\n"
    assert command("audit", "--limit", 0).code == 2


class TestDoctor:
    @pytest.mark.parametrize(
        ("changes", "state", "said"),
        [
            ({"console": False}, State.OFF, "IX_CONSOLE is off"),
            ({}, State.OK, "people sign in with keys"),
            ({"host": "0.0.0.0"}, State.OK, "on this machine alone"),
            ({"host": "0.0.0.0", "trusted_proxies": ("10.0.0.1",)}, State.OK, "people sign in with keys"),
            (OFFICE, State.OK, f"at {ISSUER}"),
        ],
    )
    async def test_it_says_how_people_come_in(
        self, monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any], state: State, said: str
    ) -> None:
        monkeypatch.setattr(Provider, "_client", property(lambda _: FakeProvider().client))
        found = await people.sign_in(Patient(Settings(**changes), []))
        assert (found.state, said in found.found) == (state, True)

    async def test_it_says_what_is_wrong_with_the_provider(self, monkeypatch: pytest.MonkeyPatch) -> None:
        there = FakeProvider()
        monkeypatch.setattr(Provider, "_client", property(lambda _: there.client))
        there.keys = []
        patient = Patient(Settings(**OFFICE), [])
        assert "has no key" in (await people.sign_in(patient)).found
        there.metadata = {"issuer": f"{ISSUER}/"}
        found = await people.sign_in(patient)
        assert (found.state, "calls itself something else" in found.found) == (State.FAIL, True)
