"""What each extra brings is what its processes import, and a command whose extra is missing names it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ix.cli import COMMANDS
from tests import extras
from tests.client.test_client import ENVELOPE
from tests.receiver import receiver, status

ANSWER = {"ix_id": "0" * 16, "review": "straight", "result": {}}
BASE = extras.modules_with()
HEAVY = {"numpy", "onnxruntime", "rapidocr", "PIL", "pypdfium2", "cv2"}
"""What reads documents, several hundred megabytes of it."""
COMMAND = "from ix.cli import main; main({arguments})"
IMPORT_ALL = """
import importlib, pkgutil
for package in {packages}:
    for found in pkgutil.walk_packages(importlib.import_module(package).__path__, package + "."):
        importlib.import_module(found.name)
"""


@pytest.mark.parametrize(
    ("arguments", "extra"),
    [
        (["engine"], "engine"),
        (["web"], "web"),
        (["up"], "all"),
        (["migrate"], "web"),
        (["keys", "list"], "web"),
        (["secret", "me"], "web"),
        (["roles"], "web"),
        (["doctor"], "web"),
    ],
    ids=lambda value: value if isinstance(value, str) else value[0],
)
def test_a_command_whose_extra_is_missing_names_it(arguments: list[str], extra: str) -> None:
    done = extras.run(COMMAND.format(arguments=arguments), BASE)
    assert done.returncode == 2
    assert done.stderr == f"ix: `ix {arguments[0]}` needs the package asyncpg: pip install 'ix-documents[{extra}]'\n"


def test_an_electronic_invoice_needs_one_too() -> None:
    with receiver() as service:
        service.answers.append(status(200, json.dumps(ANSWER).encode() + b"\n"))
        arguments = ["export", "-", "--job", "0" * 16, "--as", "ubl"]
        done = extras.run(COMMAND.format(arguments=arguments), BASE, IX_URL=f"http://{service.host}")
    assert done.stderr == "ix: `ix export` needs the package facturx: pip install 'ix-documents[einvoice]'\n"


def test_agents_need_an_extra_of_their_own() -> None:
    done = extras.run(COMMAND.format(arguments=["mcp"]), BASE)
    assert done.stderr == "ix: `ix mcp` needs the package mcp: pip install 'ix-documents[mcp]'\n"


def test_the_clients_commands_need_no_extra() -> None:
    names = [name for name, command in COMMANDS.items() if not command.extra or name in ("submit", "export")]
    modules = {COMMANDS[name].declare.partition(".")[0] for name in names}
    assert {"batches", "configurations", "export", "jobs", "pauses", "settings", "submit", "use_cases"} == modules
    done = extras.run("".join(f"import ix.cli.{module}\n" for module in modules), BASE)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_job_is_submitted_and_shown_without_an_extra(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x")
    with receiver() as service:
        service.answers += [status(200, json.dumps(ENVELOPE).encode())] * 2
        for arguments in (["submit", str(tmp_path / "a.txt"), "--use-case", "drill"], ["show", "0" * 16]):
            done = extras.run(COMMAND.format(arguments=arguments), BASE, IX_URL=f"http://{service.host}")
            assert (done.returncode, done.stderr) == (0, "")
            assert "drill  done" in done.stdout


@pytest.mark.parametrize(
    ("extra", "packages"),
    [
        ("web", ["ix.api", "ix.database", "ix.outbound"]),
        ("engine", ["ix.engine", "ix.extraction", "ix.database", "ix.outbound"]),
    ],
)
def test_an_extra_brings_all_that_its_process_imports(extra: str, packages: list[str]) -> None:
    there = extras.modules_with(extra)
    done = extras.run(IMPORT_ALL.format(packages=packages), there)
    assert (done.returncode, done.stderr) == (0, "")
    assert "IX_POSTGRES_URL: name the database" in extras.run(COMMAND.format(arguments=[extra]), there).stderr


def test_web_needs_nothing_that_reads_documents() -> None:
    assert not HEAVY & extras.modules_with("web")
    assert extras.modules_with("engine") >= HEAVY


def test_all_is_what_the_other_extras_are_together() -> None:
    assert extras.modules_with("all") == extras.modules_with("web", "engine", "embedded", "otel")


def test_what_is_missing_for_another_reason_is_not_blamed_on_an_extra() -> None:
    program = "import ix.cli; ix.cli.COMMANDS['engine'] = ix.cli.Command('nowhere.declare', 'x', 'engine')"
    done = extras.run(f"{program}; ix.cli.main(['engine'])", BASE)
    assert "ModuleNotFoundError: No module named 'ix.cli.nowhere'" in done.stderr


def test_ix_up_without_its_supervisor_starts_no_database(tmp_path: Path) -> None:
    there = extras.modules_with("web", "engine")
    done = extras.run(COMMAND.format(arguments=["up"]), there, IX_HOME=str(tmp_path / "home"))
    assert done.returncode == 2
    assert done.stderr == "ix: `ix up` needs the package honcho: pip install 'ix-documents[all]'\n"
    assert not (tmp_path / "home").exists()
