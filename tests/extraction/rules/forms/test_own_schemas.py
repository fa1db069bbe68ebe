"""Forms of many kinds and languages, each asked by a schema whose names are other words than its captions.

They stand in `own_schemas.txt`: behind "===" the fields, each with its type and, behind a colon, what describes it;
then the page, and behind "---" the values that are read; null where the page has none."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.extraction.rules.documents import custom, read

Form = tuple[dict[str, str], str, dict[str, Any]]


def forms() -> Iterator[Form]:
    text = Path(__file__).with_name("own_schemas.txt").read_text(encoding="utf-8")
    for part in re.split("^=== ", text, flags=re.M)[1:]:
        fields, rest = part.split("\n===\n")
        page, expected = rest.split("\n---\n")
        yield json.loads(fields), page, json.loads(expected)


def spec(written: str) -> dict[str, Any]:
    kind, _, description = written.partition(":")
    own = {"type": "string", "format": "date"} if kind == "date" else {"type": kind}
    return {**own, "description": description} if description else own


@pytest.mark.parametrize("form", list(forms()), ids=lambda form: form[1].split("\n")[0])
def test_its_values_are_read(form: Form) -> None:
    fields, page, expected = form
    found = read(custom(**{name: spec(written) for name, written in fields.items()}), page)
    assert {name: found[name] for name in expected} == expected
