"""`ix jobs`, `show`, `cancel`, `retry` and `erase`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Ix
from tests.extraction.locked import PASSWORD, locked

UNKNOWN = "0123456789abcdef"
SLEEPS = '{"action": "sleep", "seconds": 3600}'


@pytest.fixture
def made(ix: Ix, service_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Two jobs that run for an hour, of a client of their own."""
    monkeypatch.setenv("IX_URL", service_url)
    files = [tmp_path / name for name in ("a.txt", "b.txt")]
    for file in files:
        file.write_text(f"{file}")
    done = ix(
        "submit", *files, "--use-case", "drill", "--options", SLEEPS, "--each", "--client-id", tmp_path.name, "--json"
    )
    return [json.loads(line)["job"]["ix_id"] for line in done.out.splitlines()]


def statuses(out: str) -> dict[str, str]:
    return {one["ix_id"]: one["status"] for one in map(json.loads, out.splitlines())}


def test_a_job_is_listed_cancelled_tried_again_and_erased(ix: Ix, made: list[str], tmp_path: Path) -> None:
    listed = ix("jobs", "--client-id", tmp_path.name).out.splitlines()
    assert listed[0].split() == ["ix_id", "created", "status", "use", "case", "client", "request", "document", "result"]
    assert {line.split()[0] for line in listed[1:]} == set(made)
    assert [job["ix_id"] for job in json.loads(ix("jobs", "--client-id", tmp_path.name, "--json").out)] == sorted(
        made, reverse=True
    )
    found = ix("jobs", "--client-id", tmp_path.name, "--find", made[0], "--json").out
    assert [job["ix_id"] for job in json.loads(found)] == [made[0]]
    assert ix("jobs", "--client-id", tmp_path.name, "--error-code", "time_limit").out == "no jobs\n"
    assert ix("cancel", *made).out.split() == [made[0], "cancelled", made[1], "cancelled"]
    assert ix("show", made[0], "--wait").out.startswith(f"job {made[0]}  drill  cancelled")
    assert statuses(ix("retry", *made, "--json").out) == dict.fromkeys(made, "pending")
    assert statuses(ix("erase", *made, "--json").out) == dict.fromkeys(made, "erased")
    assert ix("jobs", "--client-id", tmp_path.name).out == "no jobs\n"


def test_one_that_is_unknown_or_not_in_the_state_keeps_no_other_from_its_turn(ix: Ix, made: list[str]) -> None:
    done = ix("cancel", made[0], UNKNOWN, made[1])
    assert done.code == 1
    assert done.out.split() == [made[0], "cancelled", made[1], "cancelled"]
    assert done.err == f"ix: {UNKNOWN}: there is no such job\n"
    assert ix("retry", *made).code == 0
    assert "only one that has ended" in ix("retry", made[0]).err
    assert ix("erase", *made).code == 0


def test_a_password_comes_from_a_file_or_is_asked_for(
    ix: Ix, service_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IX_URL", service_url)
    file, note, secret = (tmp_path / name for name in ("bill.pdf", "note.txt", "secret"))
    file.write_bytes(locked())
    note.write_text("hello")
    secret.write_text("wrong\n")
    wrong = ix("submit", file, note, "--use-case", "receipt", "--password-file", secret, "--wait", "--json")
    job = json.loads(wrong.out)
    assert (wrong.code, job["response"]["error"]["code"]) == (2, "document_encrypted")
    assert "does not open it" in job["response"]["error"]["message"]
    refused = ix("retry", job["ix_id"], "0" * 16)
    assert (refused.code, refused.out) == (1, "")
    assert "--ask-password" in refused.err
    assert "no such job" in refused.err
    monkeypatch.setattr("getpass.getpass", lambda prompt: PASSWORD)
    assert ix("retry", job["ix_id"], "--ask-password").code == 0
    ended = json.loads(ix("show", job["ix_id"], "--wait", "--json").out)
    assert (ended["status"], ended["response"]["result"]["total"]) == ("done", 12.5)
    secret.write_text("\n")
    assert "is empty" in ix("retry", job["ix_id"], "--password-file", secret).err
    assert "cannot be read" in ix("retry", job["ix_id"], "--password-file", tmp_path / "none").err


def test_an_unknown_job_is_told_with_what_to_do(ix: Ix, service_url: str) -> None:
    done = ix("show", "zzz", "--url", service_url)
    assert (done.code, done.err) == (1, "ix: there is no job zzz; `ix jobs` lists them\n")


def test_how_many_is_a_number_above_zero(ix: Ix) -> None:
    done = ix("jobs", "-n", "0")
    assert done.code == 2
    assert "'0' is not a number above 0" in done.err
