"""A folder that is watched: each document once, whoever is killed, and each answer beside the others."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from ix.client import Client
from tests.cli.conftest import Ix
from tests.cli.test_commands import NOWHERE, RECEIPT
from tests.cli.watching.conftest import Watch, told


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    (folder / "from the scanner").mkdir(parents=True)
    for n, place in enumerate(["a.txt", "b.txt", "from the scanner/c.txt"]):
        (folder / place).write_text(RECEIPT.replace("3.70", f"{n}.70"))
    return folder


def jobs_of(service_url: str, tmp_path: Path) -> list[str]:
    with Client(service_url) as client:
        return sorted(head.document or "" for head in client.jobs(client_id=tmp_path.name))


def test_every_document_is_handed_over_once_and_answered(
    watch: Watch, inbox: Path, tmp_path: Path, service_url: str
) -> None:
    into = tmp_path / "answers"
    into.mkdir()
    done = watch(inbox, "--into", into)
    assert (done.code, done.err) == (0, "")
    assert {line["name"] for line in told(done) if line["status"] == "done"} == {"a.txt", "b.txt", "c.txt"}
    answers = [json.loads(path.read_bytes()) for path in into.glob("*.json")]
    assert sorted(one["response"]["result"]["total"] for one in answers) == [0.7, 1.7, 2.7]
    assert watch(inbox, "--into", into) == (0, "", "")
    assert jobs_of(service_url, tmp_path) == ["a.txt", "b.txt", "c.txt"]


def test_each_job_has_the_tags(watch: Watch, inbox: Path, tmp_path: Path, service_url: str) -> None:
    assert watch(inbox, "--tag", "from=scanner").code == 0
    with Client(service_url) as client:
        assert [head.tags for head in client.jobs(client_id=tmp_path.name, tag="from:scanner")] == [
            {"from": "scanner"}
        ] * 3


def test_an_answer_to_the_longest_name_is_written(watch: Watch, tmp_path: Path) -> None:
    inbox, into = tmp_path / "inbox", tmp_path / "answers"
    inbox.mkdir()
    into.mkdir()
    # 253 bytes, of which a file's name may have 255
    (inbox / f"{'請' * 83}.txt").write_text(RECEIPT)
    done = watch(inbox, "--into", into)
    assert (done.code, done.err) == (0, "")
    assert len(list(into.glob("請*.json"))) == 1


def test_the_same_content_again_is_a_duplicate_and_no_job(
    watch: Watch, inbox: Path, tmp_path: Path, service_url: str
) -> None:
    first = {line["name"]: line["ix_id"] for line in told(watch(inbox))}
    (inbox / "again.txt").write_bytes((inbox / "b.txt").read_bytes())
    (line,) = told(watch(inbox))
    assert (line["name"], line["duplicate_of"]) == ("again.txt", first["b.txt"])
    assert len(jobs_of(service_url, tmp_path)) == 3


def test_a_file_that_is_written_anew_is_another_document(watch: Watch, inbox: Path) -> None:
    watch(inbox)
    (inbox / "a.txt").write_text(RECEIPT.replace("3.70", "88.70"))
    assert [line["name"] for line in told(watch(inbox))] == ["a.txt"]


def test_a_lost_ledger_makes_no_second_job(watch: Watch, inbox: Path, tmp_path: Path, service_url: str) -> None:
    first = {line["name"]: line["ix_id"] for line in told(watch(inbox))}
    for path in tmp_path.glob("ledger*"):
        path.unlink()
    assert {line["name"]: line["ix_id"] for line in told(watch(inbox))} == first
    assert len(jobs_of(service_url, tmp_path)) == 3


def test_a_lost_ledger_and_another_name_make_no_second_job(
    watch: Watch, inbox: Path, tmp_path: Path, service_url: str
) -> None:
    first = {line["name"]: line["ix_id"] for line in told(watch(inbox))}
    for path in tmp_path.glob("ledger*"):
        path.unlink()
    (inbox / "a.txt").rename(inbox / "renamed.txt")
    done = watch(inbox, "--priority", 5)
    assert done.code == 0
    assert {line["name"]: line["ix_id"] for line in told(done)}["renamed.txt"] == first["a.txt"]
    assert len(jobs_of(service_url, tmp_path)) == 3


def test_whoever_is_killed_loses_nothing_and_doubles_nothing(
    inbox: Path, tmp_path: Path, service_url: str, watch: Watch
) -> None:
    names = [f"{n}.txt" for n in range(40)]
    for n, name in enumerate(names):
        (inbox / name).write_text(RECEIPT.replace("3.70", f"{n + 10}.70"))
    arguments = ["watch", str(inbox), "--once", "--use-case", "receipt", "--ledger", str(tmp_path / "ledger")]
    arguments += ["--client-id", tmp_path.name, "--url", service_url]
    env = {name: value for name, value in os.environ.items() if not name.startswith("IX_")}
    for lines in (1, 7):
        with subprocess.Popen([sys.executable, "-m", "ix", *arguments], stdout=subprocess.PIPE, env=env) as popen:
            assert popen.stdout is not None
            for _ in range(lines):
                assert popen.stdout.readline()
            popen.kill()
    assert watch(inbox).code == 0
    assert jobs_of(service_url, tmp_path) == sorted([*names, "a.txt", "b.txt", "c.txt"])


def test_files_that_are_not_whole_or_no_documents_are_left_alone(watch: Watch, inbox: Path, tmp_path: Path) -> None:
    for name in (".hidden", "scan.pdf.part", "~$letter.docx", "empty.pdf"):
        (inbox / name).write_text("" if name == "empty.pdf" else RECEIPT)
    (tmp_path / "outside.txt").write_text(RECEIPT)
    (inbox / "link.txt").symlink_to(tmp_path / "outside.txt")
    os.mkfifo(inbox / "pipe")
    assert {line["name"] for line in told(watch(inbox))} == {"a.txt", "b.txt", "c.txt"}


def test_a_file_that_grows_is_taken_when_it_stands_still(watch: Watch, inbox: Path, service_url: str) -> None:
    growing = inbox / "growing.txt"
    growing.write_text("CORNER SHOP LTD\n")
    is_over = threading.Event()

    def grow() -> None:
        # longer than the pause between two looks is, and in smaller steps
        for _ in range(25):
            with growing.open("a") as file:
                file.write("Tea     2.50\n")
            if is_over.wait(0.1):
                return
        with growing.open("a") as file:
            file.write("TOTAL   62.50\n")

    thread = threading.Thread(target=grow)
    thread.start()
    watch(inbox)
    thread.join()
    is_over.set()
    taken = [line for line in told(watch(inbox)) if line["name"] == "growing.txt"]
    (line,) = taken
    with Client(service_url) as client:
        job = client.wait(line["ix_id"])
    assert '"total":62.5' in job.model_dump_json()


def test_files_that_were_handed_over_move(watch: Watch, inbox: Path, tmp_path: Path) -> None:
    done = inbox / "done"
    done.mkdir()
    (done / "a.txt").write_text("another one of that name")
    watch(inbox, "--done", done)
    assert sorted(path.name for path in done.iterdir()) == ["a-2.txt", "a.txt", "b.txt", "c.txt"]
    assert [path for path in inbox.rglob("*.txt") if path.parent != done] == []
    assert told(watch(inbox, "--done", done)) == []


def test_what_the_service_refuses_is_told_once_and_hides_no_other(watch: Watch, inbox: Path) -> None:
    (inbox / "large.txt").write_text(RECEIPT * 1000)
    done = watch(inbox)
    refused = [line for line in told(done) if "refused" in line]
    assert (done.code, len(refused), len(told(done))) == (1, 1, 4)
    assert watch(inbox) == (0, "", "")


def test_a_service_that_is_away_loses_nothing(ix: Ix, watch: Watch, inbox: Path, tmp_path: Path) -> None:
    began = time.monotonic()
    done = ix("watch", inbox, "--once", "--ledger", tmp_path / "ledger", "--client-id", "x", "--url", NOWHERE)
    assert done.code == 1
    assert "does not answer" in done.err
    assert "tried again at the next look" in done.err
    assert time.monotonic() - began < 60
    assert len(told(watch(inbox))) == 3


@pytest.mark.parametrize(
    ("source", "more", "says"),
    [
        ("no folder", [], "is not a folder"),
        ("ftp://host/x", [], "ftp://: cannot be watched"),
        (".", ["--into", "nowhere"], "--into: nowhere is not a folder"),
        (".", ["--done", "nowhere"], "--done: nowhere is not a folder"),
        (".", ["--ledger", "/proc/no/ledger"], "--ledger: /proc/no/ledger cannot be used"),
        ("imaps://host/INBOX", [], "give a mailbox as imaps://user@host/INBOX"),
        ("imaps://user:word@host/INBOX", [], "its password in a file"),
        ("imaps://user@host/INBOX", [], "--password-file: name a file"),
        ("s3://", [], "give a bucket as s3://bucket/prefix"),
    ],
)
def test_what_cannot_be_watched_is_said(ix: Ix, source: str, more: list[str], says: str) -> None:
    done = ix("watch", source, "--once", *more, "--url", NOWHERE)
    assert done.code == 1
    assert says in done.err


def test_what_the_service_had_in_another_way_is_told_as_a_duplicate(
    watch: Watch, inbox: Path, tmp_path: Path, service_url: str
) -> None:
    with Client(service_url, client_id=tmp_path.name) as client:
        job = client.wait(client.submit([inbox / "a.txt"], "receipt", request_id="by hand"))
    into = tmp_path / "answers"
    into.mkdir()
    lines = {line["name"]: line for line in told(watch(inbox, "--into", into)) if line["status"] == "done"}
    assert lines["a.txt"]["duplicate_of"] == job.ix_id
    assert "duplicate_of" not in lines["b.txt"]
