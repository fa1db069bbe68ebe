"""`ix submit` beyond one job: a job for each file, priorities, times, and what a terminal is shown meanwhile."""

from __future__ import annotations

import argparse
import io
import json
import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ix.cli import status_line
from ix.cli.submit import moment
from tests.cli.conftest import Ix
from tests.cli.test_commands import NOWHERE, RECEIPT
from tests.extraction.pdfs import Sheet, lines, pdf
from tests.receiver import Handler, receiver, status


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Five receipts with totals of their own."""
    made = [tmp_path / f"receipt-{n}.txt" for n in range(5)]
    for n, path in enumerate(made):
        path.write_text(RECEIPT.replace("3.70", f"{n}.70"))
    return made


class TestEach:
    def test_every_file_is_a_job_of_its_own_with_its_values(self, ix: Ix, service_url: str, files: list[Path]) -> None:
        done = ix(
            "submit",
            files[0].parent / "*.txt",
            "--use-case",
            "receipt",
            "--each",
            "--wait",
            "--at-once",
            2,
            "--url",
            service_url,
        )
        assert (done.code, done.err) == (0, "")
        title, *rows = [line.split() for line in done.out.splitlines()]
        assert title == ["file", "job", "status", "values"]
        assert {row[0] for row in rows} == {str(path) for path in files}
        assert len({row[1] for row in rows}) == 5
        for row in rows:
            assert row[2] == "done"
            assert f"total={Path(row[0]).stem[-1]}.7" in " ".join(row)

    def test_json_is_an_object_a_line(self, ix: Ix, service_url: str, files: list[Path]) -> None:
        done = ix("submit", *files, "--use-case", "receipt", "--each", "--wait", "--json", "--url", service_url)
        lines = [json.loads(line) for line in done.out.splitlines()]
        assert {line["file"]: line["job"]["response"]["result"]["total"] for line in lines} == {
            str(f): n + 0.7 for n, f in enumerate(files)
        }

    def test_without_wait_the_jobs_are_named(self, ix: Ix, service_url: str, files: list[Path]) -> None:
        options = '{"seconds": 0.01}'
        done = ix(
            "submit", *files, "--use-case", "drill", "--options", options, "--each", "--json", "--url", service_url
        )
        assert done.code == 0
        assert len({json.loads(line)["job"]["ix_id"] for line in done.out.splitlines()}) == 5

    def test_one_that_ends_in_error_is_exit_code_2_and_hides_no_other(
        self, ix: Ix, service_url: str, files: list[Path]
    ) -> None:
        files[1].write_bytes(b"%PDF-1.7 and no more")
        done = ix("submit", *files, "--use-case", "receipt", "--each", "--wait", "--url", service_url)
        assert done.code == 2
        states = {line.split()[0]: line.split()[2] for line in done.out.splitlines()[1:]}
        assert [states[str(path)] for path in files] == ["done", "error", "done", "done", "done"]
        assert "document_unreadable" in done.out

    def test_one_that_is_refused_is_exit_code_1_and_hides_no_other(
        self, ix: Ix, service_url: str, files: list[Path]
    ) -> None:
        files[3].write_bytes(b"")
        done = ix("submit", *files, "--use-case", "receipt", "--each", "--wait", "--json", "--url", service_url)
        assert done.code == 1
        results = {line["file"]: line for line in map(json.loads, done.out.splitlines())}
        assert results[str(files[3])]["job"] is None
        assert results[str(files[3])]["error"] == "documents.0: is empty"
        assert sum(result["job"] is not None for result in results.values()) == 4

    def test_what_concerns_them_all_is_told_once(self, ix: Ix, files: list[Path]) -> None:
        with receiver() as service:
            service.answers.extend([status(401, b'{"detail": "the key is not valid"}')] * 5)
            done = ix("submit", *files, "--use-case", "receipt", "--each", "--url", f"http://{service.host}")
        assert (done.code, done.err) == (1, "ix: the key is not valid\n")

    def test_no_more_are_under_way_than_asked_for(self, ix: Ix, files: list[Path]) -> None:
        crowd = Crowd()
        with receiver() as service:
            service.answers.extend([crowd] * 4)
            done = ix(
                "submit", *files[:4], "--use-case", "drill", "--each", "--at-once", 2, "--url", f"http://{service.host}"
            )
        assert (done.code, crowd.most) == (0, 2)

    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            (["--each", "--request-id", "r"], "ix: --request-id: "),
            (["--each", "--wait", "--pictures", "x"], "ix: --pictures: "),
            (["--pictures", "x"], "ix: --pictures: "),
        ],
    )
    def test_what_contradicts_it_is_said(self, ix: Ix, files: list[Path], arguments: list[str], words: str) -> None:
        done = ix("submit", *files, "--use-case", "receipt", *arguments, "--url", NOWHERE)
        assert done.code == 1
        assert done.err.startswith(words)


ENVELOPE = json.dumps(
    {
        "ix_id": "0" * 16, "client_id": "c", "request_id": "r", "use_case": "drill", "status": "done", "attempts": 1,
        "created_at": "2026-01-01T00:00:00Z", "started_at": None, "finished_at": None, "callback_url": None,
        "callback_status": None, "request": {}, "response": {"result": {"total": 1}},
    }
).encode()  # fmt: skip


class Crowd:
    """An answer that is given once two wait for it, and counts how many were under way at once."""

    def __init__(self) -> None:
        self.most = self._inside = 0
        self._lock = threading.Lock()
        self._pair = threading.Barrier(2, timeout=1)

    def __call__(self, handler: Handler) -> None:
        with self._lock:
            self._inside += 1
            self.most = max(self.most, self._inside)
        with suppress(threading.BrokenBarrierError):
            self._pair.wait()
        with self._lock:
            self._inside -= 1
        status(200, ENVELOPE)(handler)


class TestOptions:
    def test_a_stack_is_split_where_that_is_asked_for(self, ix: Ix, service_url: str, tmp_path: Path) -> None:
        def sheet(number: int) -> Sheet:
            return Sheet(lines("SHOP LTD", f"Receipt no A-{number}", "Page 1 of 1", f"TOTAL {number}.50"))

        (tmp_path / "stack.pdf").write_bytes(pdf(sheet(1), sheet(2)))
        given = ("submit", tmp_path / "stack.pdf", "--use-case", "receipt", "--split", "--wait", "--url", service_url)
        parent = json.loads(ix(*given, "--json").out)
        listed = json.loads(ix("jobs", "--parent", parent["ix_id"], "--json", "--url", service_url).out)
        assert [one["ix_id"] for one in listed[::-1]] == [part["ix_id"] for part in parent["response"]["parts"]]
        assert {one["parent"] for one in listed} == {parent["ix_id"]}

    def test_priority_time_and_callback_reach_the_job(self, ix: Ix, service_url: str, files: list[Path]) -> None:
        at = (datetime.now(UTC) + timedelta(days=1)).replace(microsecond=0)
        more = ["--priority", 7, "--run-at", at.isoformat(), "--callback-url", "https://hooks.example.com/ix"]
        done = ix("submit", files[0], "--use-case", "receipt", *more, "--json", "--url", service_url)
        job = json.loads(done.out)
        assert (job["status"], job["priority"], job["callback_url"]) == ("scheduled", 7, "https://hooks.example.com/ix")
        assert datetime.fromisoformat(job["run_at"]) == at
        assert ix("cancel", job["ix_id"], "--url", service_url).code == 0

    @pytest.mark.parametrize("each", [[], ["--each"]])
    def test_pages_of_each_file_reach_the_job(
        self, ix: Ix, service_url: str, files: list[Path], each: list[str]
    ) -> None:
        done = ix("submit", *files[:2], *each, "--use-case", "drill", "--pages", "3,2", "--json", "--url", service_url)
        made = [json.loads(line) for line in done.out.splitlines()] if each else [{"job": json.loads(done.out)}]
        documents = [document for one in made for document in one["job"]["request"]["documents"]]
        assert [document.get("pages", "") for document in documents] == ["2-3", "2-3"]
        refused = ix("submit", *files[:2], *each, "--use-case", "drill", "--pages", "2-1", "--url", service_url)
        assert refused.code == 1
        assert "pages" in refused.out + refused.err

    def test_the_same_file_with_another_priority_is_another_job(
        self, ix: Ix, service_url: str, files: list[Path]
    ) -> None:
        jobs = [
            ix("submit", files[0], "--use-case", "drill", "--priority", n, "--json", "--url", service_url)
            for n in (0, 1, 1)
        ]
        first, second, third = [json.loads(done.out)["ix_id"] for done in jobs]
        assert first != second == third

    def test_a_time_without_a_zone_is_of_this_machine(self) -> None:
        assert moment("2026-11-26T18:00Z") == datetime(2026, 11, 26, 18, tzinfo=UTC)
        assert moment("2026-11-26T18:00") == datetime(2026, 11, 26, 18).astimezone()
        with pytest.raises(argparse.ArgumentTypeError, match="'tomorrow' is no time"):
            moment("tomorrow")

    def test_the_services_address_and_key_come_from_the_environment(self, ix: Ix, files: list[Path]) -> None:
        with receiver() as service:
            service.answers.extend([status(200, ENVELOPE), status(200, ENVELOPE)])
            address = f"http://{service.host}"
            assert ix("submit", files[0], "--use-case", "receipt", IX_URL=address, IX_KEY="ix_secret").code == 0
            assert ix("show", "0" * 16, "--key", "ix_other").code == 0
            submitted, shown = service.received
        assert submitted.headers["authorization"] == "Bearer ix_secret"
        assert b'name="client_id"' not in submitted.body
        assert shown.headers["authorization"] == "Bearer ix_other"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class TestProgress:
    def test_a_terminal_has_one_line_that_is_gone_at_the_end(self) -> None:
        terminal = Terminal()
        with status_line.StatusLine(terminal) as line:
            line.draw(status_line.bar(1, 4))
            line.draw(status_line.bar(2, 4))
        assert terminal.getvalue() == f"\r\x1b[2K[{'=' * 6}{' ' * 18}] 1/4\r\x1b[2K[{'=' * 12}{' ' * 12}] 2/4\r\x1b[2K"

    def test_anything_else_is_left_alone(self) -> None:
        file = io.StringIO()
        with status_line.StatusLine(file) as line:
            line.draw("running")
        assert file.getvalue() == ""

    def test_a_batch_shows_how_far_it_is(
        self, ix: Ix, service_url: str, files: list[Path], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        terminal = Terminal()
        monkeypatch.setattr("sys.stderr", terminal)
        done = ix("submit", *files, "--use-case", "drill", "--each", "--wait", "--url", service_url)
        assert done.code == 0
        assert f"[{'=' * status_line.WIDTH}] 5/5  0:" in terminal.getvalue()
        assert terminal.getvalue().endswith("\r\x1b[2K")

    def test_a_job_that_is_waited_for_shows_its_status(
        self, ix: Ix, service_url: str, files: list[Path], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        terminal = Terminal()
        monkeypatch.setattr("sys.stderr", terminal)
        options = '{"action": "sleep", "seconds": 0.2}'
        assert (
            ix("submit", files[0], "--use-case", "drill", "--options", options, "--wait", "--url", service_url).code
            == 0
        )
        assert "0:00" in terminal.getvalue()
