"""Papers of many countries, whole: each value that is named is read, and what is not there is not made up.

They stand in `papers.txt`: behind "===" the use case, then the page, and behind "---" the values that it has."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from ix import use_cases
from ix.fields import asked
from ix.use_cases import Extraction
from tests.extraction.rules.documents import read

SCHEMAS = {name: one.schema for name, one in use_cases.load().items() if isinstance(one, Extraction)}
MOVED = ("date", "text", "amount", "balance")


class Paper(NamedTuple):
    """A page as text, the use case that reads it, and what it says by field."""

    use_case: str
    text: str
    expected: dict[str, Any]


def papers() -> Iterator[Paper]:
    text = Path(__file__).with_name("papers.txt").read_text(encoding="utf-8")
    for part in re.split("^=== ", text, flags=re.M)[1:]:
        head, _, expected = part.partition("\n---\n")
        use_case, _, page = head.partition("\n")
        yield Paper(use_case, page, json.loads(expected))


@pytest.mark.parametrize("paper", list(papers()), ids=lambda paper: paper.text.strip().split("\n")[0].strip())
def test_its_values_are_read(paper: Paper) -> None:
    found = read(asked(SCHEMAS[paper.use_case]), paper.text)
    # of rows a list of the values that each has
    found["movements"] = [[row[name] for name in MOVED] for row in found.get("movements", ())]
    assert {name: found[name] for name in paper.expected} == paper.expected
