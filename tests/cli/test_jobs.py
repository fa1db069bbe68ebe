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


def test_all_that_match_once_their_number_is_said(ix: Ix, made: list[str], tmp_path: Path) -> None:
    mine = ("--where", f"client_id={tmp_path.name}")
    counted = ix("cancel", *mine)
    assert (counted.code, counted.err) == (1, "ix: 2 jobs match; to cancel them say so: --expect 2\n")
    assert ix("cancel", *mine, "--expect", 5).code == 1
    done = ix("cancel", *mine, "--expect", 2)
    assert (done.code, done.out.split()[1:]) == (0, ["cancel", "2", "done"])
    again = json.loads(ix("cancel", *mine, "--expect", 2, "--json").out)
    assert (again["done"], again["failed"], again["reasons"]) == (0, 2, {"ended": 2})
    assert ix("erase", *mine, "--expect", 2).code == 0
    assert ix("erase", *mine).err == "ix: no job matches\n"


@pytest.mark.parametrize("which", [(), (UNKNOWN, "--where", "status=error"), ("--where", "a=1", "--where", "a=2")])
def test_which_jobs_is_said_once(ix: Ix, made: list[str], which: tuple[str, ...]) -> None:
    assert ix("retry", *which).code == 1
    assert ix("erase", *made).code == 0


def test_a_use_case_stands_still_and_goes_on(ix: Ix, made: list[str], tmp_path: Path) -> None:
    assert ix("pause", "custom", "nonsense").code == 1
    assert "(paused)" in next(line for line in ix("use-cases").out.splitlines() if line.startswith("custom"))
    options = '{"schema": {"type": "object", "properties": {"total": {"type": "number"}}}}'
    asked = ("--use-case", "custom", "--options", options, "--client-id", tmp_path.name, "--json")
    waiting = json.loads(ix("submit", tmp_path / "a.txt", *asked).out)
    assert "custom is paused: `ix resume custom`" in ix("show", waiting["ix_id"]).out
    assert ix("resume", "custom").out == "custom  goes on\n"
    assert json.loads(ix("show", waiting["ix_id"], "--wait", "--json").out)["status"] == "done"
    assert ix("erase", *made).code == 0
