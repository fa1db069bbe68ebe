"""Papers written by hand, each with a schema as somebody writes it who never saw ix, and what it says.

A file of the folder `written` has the pages as text, of which columns are columns of the page (`==page` begins
another), then the schema and the values as JSON. All were written before anybody looked at an answer to them; those
from `31` on after the rules were last changed for the first thirty."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ix.extraction.models import Leaf, Tree
from ix.extraction.models.rules.answer import answer
from ix.extraction.page import Page, Word
from training.schemas.papers import Paper
from training.schemas.trials import compared, normal

FOLDER = Path(__file__).parent / "written"
_COLUMNS, _LINES = 112, 70
"""Characters across a page, and lines down it."""


def written() -> list[Paper]:
    """The papers, in the order of their files."""
    return [_paper(path) for path in sorted(FOLDER.glob("*.txt"))]


def _paper(path: Path) -> Paper:
    text, schema, gold = re.split(r"^--- (?:schema|gold)\n", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    pages = [_page(one, number) for number, one in enumerate(text.split("==page\n"), 1)]
    return Paper(pages, json.loads(schema), json.loads(gold), path.stem)


def _page(text: str, number: int) -> Page:
    words = [
        Word(
            found.group(),
            (found.start() / _COLUMNS, (at + 0.1) / _LINES, found.end() / _COLUMNS, (at + 0.9) / _LINES),
        )
        for at, line in enumerate(text.splitlines(), 3)
        for found in re.finditer(r"\S+", line)
    ]
    return Page(number, 595.0, 842.0, tuple(words))


def read(paper: Paper) -> tuple[Counter[str], list[str]]:
    """The counts of `trials.compared` over single values at any depth and cells of tables, and what went wrong."""
    tree = answer(paper.pages, paper.schema)
    given, wanted = dict(_single(tree)), dict(_single(paper.values))
    counts = compared({**given, **_lists(tree)}, {**wanted, **_lists(paper.values)})
    said = [
        f"{paper.layout} {path}: {value!r} but {_value(given.get(path))!r}"
        for path, value in wanted.items()
        if normal(_value(given.get(path))) != normal(value)
    ]
    return counts, said + [
        f"{paper.layout} {path}[{at}]: {row} but {got}"
        for path, rows in _lists(paper.values).items()
        for at, (row, got) in enumerate(_beside(rows, _plain(_lists(tree).get(path, []))))
        if {k: normal(v) for k, v in row.items()} != {k: normal(v) for k, v in got.items()}
    ]


def _beside(rows: list[Any], got: list[Any]) -> Iterator[tuple[Any, Any]]:
    for at in range(max(len(rows), len(got))):
        yield rows[at] if at < len(rows) else {}, got[at] if at < len(got) else {}


def _single(values: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _single(value, f"{above}{name}.")
        elif not isinstance(value, list):
            yield above + name, value


def _lists(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if isinstance(value, list)}


def _value(one: Any) -> Any:
    return one.value if isinstance(one, Leaf) else one


def _plain(tree: Tree | list[Any]) -> Any:
    if isinstance(tree, list):
        return [_plain(one) for one in tree]
    return {name: _plain(one) for name, one in tree.items()} if isinstance(tree, dict) else tree.value
