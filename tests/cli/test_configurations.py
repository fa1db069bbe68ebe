"""`ix configurations`, and submissions that name one."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Ix


def test_what_is_saved_is_listed_shown_named_and_deleted(ix: Ix, service_url: str, tmp_path: Path) -> None:
    whose = ("--client-id", tmp_path.name, "--url", service_url)
    file = tmp_path / "a.txt"
    file.write_text("a")
    saved = ix("configurations", "save", "drills", "--use-case", "drill", "--priority", 4, "--seen", 0, *whose)
    assert (saved.out, saved.err) == ("drills@1  drill\n", "")
    again = ix("configurations", "save", "drills", "--use-case", "drill", "--seen", 0, *whose)
    assert again.code == 1
    assert "the newest version is 1" in again.err
    listed = ix("configurations", "list", *whose).out.splitlines()
    assert listed[1].split()[:4] == ["drills", "1", "drill", "own"]
    shown = json.loads(ix("configurations", "show", "drills", "--version", 1, *whose, "--json").out)
    assert (shown["version"], shown["priority"], shown["use_case"]) == (1, 4, "drill")
    job = json.loads(ix("submit", file, "--configuration", "drills", "--json", *whose).out)
    assert (job["configuration"], job["priority"]) == ({"name": "drills", "version": 1}, 4)
    assert "--configuration" in ix("submit", file, *whose).err
    assert ix("configurations", "delete", "drills", *whose).out == "drills  deleted\n"
    assert ix("configurations", "show", "drills", *whose).err == "ix: there is no such configuration\n"
