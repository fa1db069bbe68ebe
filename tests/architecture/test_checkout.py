"""What the files of the project may hold."""

from __future__ import annotations

import re

from tests.architecture.tree import ROOT, Finding, hold, tracked

# a letter of each in brackets, or this file would hold what it looks for
_ELSEWHERE = re.compile(r"(?<![\w./~-])/(?:wor[k]|hom[e]|roo[t]|User[s]|tm[p]/\w+/\w+)/[\w-]+", re.IGNORECASE)
_INDEX = re.compile(r"\b(?:pyp[i]\.|pythonhoste[d]\.|(?:extra-)?index-ur[l]\b|find-link[s]\b)", re.IGNORECASE)
TEXTS = (".py", ".md", ".txt", ".toml", ".sql", ".css", ".json", ".yml", ".yaml", ".svg", ".cfg", "")


def test_no_machine_and_no_index() -> None:
    """No file names a folder of somebody's machine, or a host that packages come from."""
    hold(
        Finding(path.relative_to(ROOT).as_posix(), number, match[0])
        for path in tracked()
        if path.suffix in TEXTS
        for number, line in enumerate(path.read_text().splitlines(), 1)
        for pattern in (_ELSEWHERE, _INDEX)
        for match in pattern.finditer(line)
    )


def test_locks_have_hashes() -> None:
    """Every requirement in `requirements/` is one version, with hashes."""
    locks = sorted((ROOT / "requirements").glob("*.txt"))
    entries = [(path, entry) for path in locks for entry in re.split(r"\n(?=\S)", path.read_text()) if entry.strip()]
    assert entries
    hold(
        Finding(path.name, 0, entry.split("\n")[0])
        for path, entry in entries
        if "==" not in entry.split("\n")[0] or "--hash=sha256:" not in entry
    )
