"""The units: what systemd says of them, and that they name what there is."""

from __future__ import annotations

import re
import shutil
import stat
from pathlib import Path

import pytest

from ix.cli import COMMANDS
from ix.config import Settings, variable
from tests.deploy import units
from tests.deploy.programs import program, refused_by, said_by

HARDENING = ("Protect", "Private", "Restrict", "SystemCall", "NoNew", "Capability", "Ambient", "Memory", "UMask")
MOST_EXPOSED = 1.5
"""On systemd's scale from 0 to 10; below 2.5 it calls a service well confined."""


@pytest.fixture
def analyze() -> str:
    return program("systemd-analyze", "systemd")


def written(name: str, folder: Path, old: str = "", new: str = "") -> Path:
    """A unit whose program is there, which is all that systemd asks for besides."""
    text = units.file_of(name).read_text().replace("/opt/ix/bin/ix", shutil.which("true") or "/bin/true")
    assert not old or old in text
    (file := folder / f"{name}.service").write_text(text.replace(old, new))
    return file


@pytest.mark.parametrize("name", units.NAMES)
def test_systemd_takes_it_without_a_word(analyze: str, tmp_path: Path, name: str) -> None:
    assert said_by(analyze, "verify", "--man=no", written(name, tmp_path)).strip() == ""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("TimeoutStopSec=15", "TimeoutStop=15"),
        ("RestartSec=1", "RestartSec=soon"),
        ("ProtectHome=yes", "ProtectHome=ja"),
    ],
)
def test_systemd_is_awake(analyze: str, tmp_path: Path, old: str, new: str) -> None:
    assert said_by(analyze, "verify", "--man=no", written("ix-web@", tmp_path, old, new)).strip()


@pytest.mark.parametrize("name", units.NAMES)
def test_it_is_confined(analyze: str, tmp_path: Path, name: str) -> None:
    said = said_by(analyze, "security", "--offline=true", "--no-pager", written(name, tmp_path))
    [exposure] = re.findall(r"Overall exposure level for \S+: (\S+)", said)
    assert float(exposure) < MOST_EXPOSED


def test_the_measure_of_that_is_awake(analyze: str, tmp_path: Path) -> None:
    unconfined = written("ix-web@", tmp_path, "SystemCallFilter=@system-service", "SystemCallFilter=@known")
    threshold = f"--threshold={MOST_EXPOSED * 10:.0f}"
    assert refused_by([analyze, "security", "--offline=true", "--no-pager", threshold, unconfined])


def test_all_three_are_confined_alike() -> None:
    web, *others = [
        {key: values for key, values in units.service(name).items() if key.startswith(HARDENING) and key != "MemoryMax"}
        for name in units.NAMES
    ]
    assert others == [web, web]
    # without these three an engine cannot take files from the children that open documents
    assert all(call in web["SystemCallFilter"][0] for call in ("landlock_create_ruleset", "landlock_restrict_self"))


@pytest.mark.parametrize("name", units.NAMES)
def test_it_runs_a_command_with_settings_that_there_are(name: str) -> None:
    given = units.service(name)
    assert given["User"] == ["ix"]
    [command] = [line.removeprefix("/opt/ix/bin/ix ") for line in given["ExecStart"]]
    assert command in COMMANDS
    environment = units.environment(name, "/c")
    assert {key.removesuffix("_FILE") for key in environment} <= {variable(field) for field in Settings.model_fields}
    files = {value for key, value in environment.items() if key.endswith("_FILE")}
    assert files == {f"/c/{one}" for one in units.credentials(name)}


def test_a_stop_takes_longer_than_what_drains() -> None:
    for name in ("ix-web@", "ix-engine@"):
        given = units.service(name)
        assert float(given["TimeoutStopSec"][0]) > 2 * Settings().drain_seconds
        assert given["Restart"] == ["always"]


def test_every_line_of_its_settings_holds_once_it_is_no_comment() -> None:
    lines = re.findall(r"^#?(IX_\w+)=(.*)$", (units.FOLDER / "ix.env").read_text(), re.MULTILINE)
    assert len(lines) > 5
    assert Settings.from_env(dict(lines)).extractor == "rules+ollama"


def test_its_account_and_its_folders_are_made(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    sysusers, tmpfiles = program("systemd-sysusers", "systemd"), program("systemd-tmpfiles", "systemd")
    said_by(sysusers, f"--root={tmp_path}", units.FOLDER / "ix.sysusers.conf")
    assert re.search(r"^ix:x:\d+:\d+:.*:/usr/sbin/nologin$", (tmp_path / "etc/passwd").read_text(), re.MULTILINE)
    said_by(tmpfiles, f"--root={tmp_path}", "--create", units.FOLDER / "ix.tmpfiles.conf")
    assert stat.S_IMODE((tmp_path / "etc/ix/secrets").stat().st_mode) == 0o700
