"""`ix settings` and `ix secret`, for people and for programs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ix.config import Settings, variable
from tests.cli.conftest import Ix

ODD = {
    "IX_PORT": "1234",
    "IX_LIMITS": "b+a=2",
    "IX_ALLOW_HOSTS": "a.test,b.test",
    "IX_KEY": "hush",
    "IX_POSTGRES_URL": "postgres://ix:hush@127.0.0.1/ix",
}


def test_settings_are_an_environment_file_without_secrets(ix: Ix) -> None:
    done = ix("settings", **ODD)
    assert done.code == 0
    assigned = dict(line.split("=", 1) for line in done.out.splitlines() if not line.startswith("#"))
    assert assigned.pop("IX_LIMITS") == "a+b=2"
    assert assigned == {
        "IX_PORT": "1234",
        "IX_ALLOW_HOSTS": "a.test,b.test",
        "IX_KEY": "…",
        "IX_POSTGRES_URL": "postgres://…@127.0.0.1/ix",
    }


def test_settings_as_json_are_all_of_them_without_secrets(ix: Ix) -> None:
    done = ix("settings", "--json", **ODD)
    shown = json.loads(done.out)
    assert list(shown) == [variable(name) for name in Settings.model_fields]
    assert (shown["IX_PORT"], shown["IX_ALLOW_HOSTS"], shown["IX_LIMITS"]) == (1234, ["a.test", "b.test"], ["a+b=2"])
    assert "hush" not in done.out


def test_a_secret_is_printed_once_in_either_form(ix: Ix, database_url: str) -> None:
    first = ix("secret", "acme", IX_POSTGRES_URL=database_url)
    assert first.out.startswith("whsec_")
    second = json.loads(ix("secret", "acme", "--json", IX_POSTGRES_URL=database_url).out)
    assert second["client_id"] == "acme"
    assert second["secret"].startswith("whsec_")
    assert second["secret"] != first.out.strip()


def test_where_a_value_comes_from_is_told_and_the_secret_is_not(ix: Ix, tmp_path: Path) -> None:
    for name in ("key", "postgres"):
        (tmp_path / name).write_text(f"postgres://ix:hush@{name}/ix\n")
    files = {"IX_KEY_FILE": str(tmp_path / "key"), "IX_POSTGRES_URL_FILE": str(tmp_path / "postgres")}
    plain, shown = ix("settings", **files), ix("settings", "--json", **files)
    assert {name: json.loads(shown.out)[name] for name in files} == files
    assert f"\nIX_KEY_FILE={tmp_path}/key\n#IX_KEY=…\n" in plain.out
    assert f"\nIX_POSTGRES_URL_FILE={tmp_path}/postgres\n#IX_POSTGRES_URL=postgres://…@postgres/ix\n" in plain.out
    doctor = json.loads(ix("doctor", "--json", IX_OCR="off").out)["checks"][0]
    assert doctor["found"] == "3 set" + "".join(f"; {name} from {file}" for name, file in files.items())
    assert "hush" not in plain.out + shown.out


@pytest.mark.parametrize(
    ("command", "unbuffered"), [("settings", ""), ("settings", "1"), ("--help", ""), ("jobs", ""), ("nonsense", "")]
)
def test_a_reader_that_leaves_is_no_error(service_url: str, command: str, unbuffered: str) -> None:
    env = {**os.environ, "IX_URL": service_url, "PYTHONUNBUFFERED": unbuffered}
    reading, writing = os.pipe()
    # before anything is written
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "ix", *command.split()], env=env, stdout=writing, stderr=subprocess.PIPE, check=False
    )
    os.close(writing)
    # argparse takes no notice of what it could not print
    assert done.returncode == 2 if command == "nonsense" else done.returncode in (0, 141)
    assert b"Traceback" not in done.stderr
    assert b"BrokenPipe" not in done.stderr


def test_a_full_disk_is_one_line() -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "ix", "settings"], stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert (done.returncode, done.stderr) == (1, b"ix: the output cannot be written (No space left on device)\n")
