"""The commands, as a person at a terminal meets them."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ix import use_cases
from ix.cli import COMMANDS
from tests.accounts import connected
from tests.cli.conftest import Ix
from tests.databases import with_database
from tests.receiver import receiver, status

RECEIPT = (
    "CORNER SHOP LTD\n12 High Street\nLondon N1 4AB\n\nDate: 05/03/2024\n\nTea     2.50\nMilk    1.20\n\nTOTAL   3.70\n"
)
NOWHERE = "http://127.0.0.1:1"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "receipt.txt"
    path.write_text(RECEIPT)
    return path


class TestSubmit:
    def test_wait_prints_values_with_their_evidence(self, ix: Ix, service_url: str, file: Path) -> None:
        done = ix("submit", file, "--use-case", "receipt", "--wait", "--url", service_url)
        assert done.code == 0, done.err
        lines = {line.split()[0]: line.split() for line in done.out.splitlines() if line.strip()}
        assert lines["job"][2:] == ["receipt", "done"]
        assert lines["total"][:4] == ["total", "3.7", "1", "exact"]
        assert lines["total"][-1] == "3.70"
        assert lines["date"][1:3] == ["2024-03-05", "1"]
        assert lines["currency"][1] == "GBP"  # of the country, and marked as such
        assert "  seconds: " in done.out

    def test_json_prints_the_envelope_and_nothing_else(self, ix: Ix, service_url: str, file: Path) -> None:
        done = ix("submit", file, "--use-case", "receipt", "--wait", "--json", "--url", service_url)
        job = json.loads(done.out)
        assert (job["status"], job["response"]["result"]["total"]) == ("done", 3.7)
        assert job["response"]["evidence"]["total"]["boxes"]

    def test_the_same_file_again_finds_the_same_job(self, ix: Ix, service_url: str, file: Path, tmp_path: Path) -> None:
        def submit(path: Path, use_case: str, *more: str) -> str:
            done = ix("submit", path, "--use-case", use_case, "--json", "--url", service_url, *more)
            assert done.code == 0, done.err
            return str(json.loads(done.out)["ix_id"])

        first = submit(file, "receipt")
        assert submit(file, "receipt") == first
        assert submit(file, "invoice") != first
        assert submit(file, "receipt", "--client-id", "someone else") != first
        file.write_text(RECEIPT + "\n")
        assert submit(file, "receipt") != first

    def test_without_wait_it_says_how_to_ask_again(self, ix: Ix, service_url: str, file: Path) -> None:
        options = '{"action": "sleep", "seconds": 0.2}'
        done = ix("submit", file, "--use-case", "drill", "--options", options, "--url", service_url)
        assert done.code == 0
        assert f"--wait --url {service_url}" in done.out

    def test_a_job_that_ends_in_error_is_exit_code_2_with_its_words(self, ix: Ix, service_url: str, file: Path) -> None:
        done = ix(
            "submit", file, "--use-case", "drill", "--options", '{"action": "fail"}', "--wait", "--url", service_url
        )
        assert done.code == 2
        assert "error drill_failed: the drill was told to fail" in done.out

    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            (
                ["--use-case", "nonsense"],
                "ix: use_case: is unknown; choose one of auto, bank_statement, bank_statement_header, ",
            ),
            (["--use-case", "drill", "--options", "{"], "ix: --options: is not valid JSON"),
            (["--use-case", "drill", "--options", '{"action": "dance"}'], "ix: options.action: "),
        ],
    )
    def test_what_the_service_refuses_is_told_in_its_words(
        self, ix: Ix, service_url: str, file: Path, arguments: list[str], words: str
    ) -> None:
        done = ix("submit", file, *arguments, "--url", service_url)
        assert (done.code, done.out) == (1, "")
        assert done.err.startswith(words)
        assert len(done.err.splitlines()) == 1

    @pytest.mark.parametrize(
        ("url", "words"),
        [
            (NOWHERE, "ix: http://127.0.0.1:1 does not answer (ConnectError); is `ix up` running?"),
            ("http://[::1", "ix: http://[::1 is no address"),
            ("nonsense", "ix: nonsense is no address"),
        ],
    )
    def test_nobody_there_is_one_line_that_says_what_to_do(self, ix: Ix, file: Path, url: str, words: str) -> None:
        done = ix("submit", file, "--use-case", "receipt", "--url", url)
        assert done.code == 1
        assert done.err.startswith(words)
        assert len(done.err.splitlines()) == 1

    @pytest.mark.parametrize("body", [b"<html>", b"[1]", b'"text"'])
    def test_somebody_else_there_is_noticed(self, ix: Ix, file: Path, body: bytes) -> None:
        with receiver() as other:
            other.answers.append(status(200, body))
            done = ix("submit", file, "--use-case", "receipt", "--url", f"http://{other.host}")
        assert done.code == 1
        assert done.err.rstrip().endswith("is that ix?")

    @pytest.mark.parametrize(
        ("name", "words"),
        [
            ("", "is a folder; name its files: '"),
            ("none.pdf", "is not a file; check the name"),
            ("*.pdf", "is not a file"),
        ],
    )
    def test_a_file_that_is_none_is_named(self, ix: Ix, tmp_path: Path, name: str, words: str) -> None:
        done = ix("submit", tmp_path / name, "--use-case", "receipt", "--url", NOWHERE)
        assert done.code == 1
        assert done.err.startswith(f"ix: {tmp_path / name} {words}")
        assert len(done.err.splitlines()) == 1


class TestUseCases:
    def test_are_a_table_with_their_limits(self, ix: Ix, service_url: str) -> None:
        done = ix("use-cases", "--url", service_url)
        head, *lines = done.out.splitlines()
        assert (done.code, head.split()) == (0, ["use", "case", "attempts", "seconds", "what", "it", "does"])
        assert sorted(use_cases.load(drill=True)) == [line.split()[0] for line in lines]
        assert all(line.split()[1:3] == ["3", "300"] for line in lines)

    def test_json_holds_the_schemas(self, ix: Ix, service_url: str) -> None:
        found = {one["name"]: one for one in json.loads(ix("use-cases", "--json", "--url", service_url).out)}
        assert found["drill"]["options"]["properties"]["action"]["default"] == "succeed"
        assert found["receipt"]["result"]["properties"]["total"]["x-ix"]["kind"] == "money"


class TestMigrate:
    def test_status_up_down_up(self, ix: Ix, empty_database_url: str) -> None:
        def migrate(action: str) -> str:
            done = ix("migrate", action, IX_POSTGRES_URL=empty_database_url)
            assert done.code == 0, done.err
            return done.out

        assert "[ ] 20261201000000_schema.sql" in migrate("status")
        assert "Applied: 20261201000000_schema.sql" in migrate("up")
        assert "[X] 20261201000000_schema.sql" in migrate("status")
        assert "Rolled back: " in migrate("down")
        assert "Applied: " in migrate("up")
        assert migrate("up").strip() == "nothing to apply"

    def test_json_names_the_migrations(self, ix: Ix, empty_database_url: str) -> None:
        def migrate(action: str) -> dict[str, list[str]]:
            found: dict[str, list[str]] = json.loads(
                ix("migrate", action, "--json", IX_POSTGRES_URL=empty_database_url).out
            )
            return found

        names = migrate("status")["pending"]
        assert names[0] == "20261201000000_schema.sql"
        assert migrate("up") == {"applied": names}
        assert migrate("up") == {"applied": []}
        assert migrate("status") == {"applied": names, "pending": []}
        assert migrate("down") == {"rolled_back": names[-1:]}

    @pytest.mark.parametrize(
        "url",
        [
            "postgres://ix:secret@127.0.0.1:1/ix",
            "mysql://ix:secret@127.0.0.1/ix",
            "postgres://ix:secret@127.0.0.1:port/ix",
        ],
    )
    def test_a_database_that_is_not_there_is_one_line_without_its_password(self, ix: Ix, url: str) -> None:
        done = ix("migrate", IX_POSTGRES_URL=url)
        assert done.code == 1
        assert done.err.startswith("ix: IX_POSTGRES_URL: ")
        assert len(done.err.splitlines()) == 1
        assert "secret" not in done.err

    def test_a_database_that_does_not_exist_is_named(self, ix: Ix, server_url: str) -> None:
        done = ix("migrate", IX_POSTGRES_URL=with_database(server_url, "nobody"))
        assert done.code == 1
        assert 'database "nobody" does not exist' in done.err

    @pytest.mark.parametrize("command", ["migrate", "up"])
    def test_tables_from_before_the_first_release_are_told_with_what_to_do(
        self, ix: Ix, empty_database_url: str, command: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # `ix up` handles SIGTERM, which here is the test run's own
        monkeypatch.setattr("ix.cli.up.signal.signal", lambda *_: None)
        asyncio.run(from_before_the_first_release(empty_database_url))
        done = ix(command, IX_POSTGRES_URL=empty_database_url)
        assert done.code == 1
        assert "older than 0.1.0" in done.err
        assert "IX_HOME" in done.err
        assert len(done.err.splitlines()) == 1


async def from_before_the_first_release(url: str) -> None:
    async with connected(url) as owner:
        await owner.execute("CREATE TABLE schema_migrations (version varchar PRIMARY KEY)")
        await owner.execute("INSERT INTO schema_migrations VALUES ('20261126190000')")


@pytest.mark.parametrize("command", ["web", "engine", "migrate"])
def test_a_command_that_needs_a_database_says_how_to_get_one(ix: Ix, command: str) -> None:
    done = ix(command)
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("ix: IX_POSTGRES_URL: ")
    assert "ix up" in done.err


@pytest.mark.parametrize("command", ["web", "engine", "migrate", "up", "settings"])
def test_a_setting_that_is_wrong_is_named(ix: Ix, command: str) -> None:
    done = ix(command, IX_ENGINE_SLOTS="none")
    assert done.code == 1
    assert done.err.startswith("ix: IX_ENGINE_SLOTS: ")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_and_its_arguments(ix: Ix, command: str) -> None:
    assert re.search(rf"\n    {command}\s", ix("--help").out)
    done = ix(command, "--help")
    assert (done.code, done.err) == (0, "")
    summary = COMMANDS[command].summary
    assert " ".join(summary.split()[1:]) in " ".join(done.out.split())


NO_JSON = {"up", "web", "engine", "mcp", "keys", "batch", "caps", "configurations", "retention"}
"""Commands that print nothing, and those whose actions have options of their own."""


@pytest.mark.parametrize("command", [name for name in COMMANDS if name not in NO_JSON])
def test_every_command_that_prints_can_print_json(ix: Ix, command: str) -> None:
    assert "--json" in ix(command, "--help").out


def test_the_help_of_all_commands_imports_none_of_them() -> None:
    program = (
        "import sys; from ix.cli import _parser; _parser(['--help']); "
        "print([m for m, found in sys.modules.items() if found and m.startswith(('ix.cli.', 'httpx'))])"
    )
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_the_version_is_told(ix: Ix) -> None:
    assert ix("--version").out.startswith("ix ")


def test_no_command_is_told_that_one_is_needed(ix: Ix) -> None:
    done = ix()
    assert done.code == 2
    assert "COMMAND" in done.err
