"""Findings: each has a sentence in the catalogue, and what its sentence is made of."""

from __future__ import annotations

import ast
import string
from pathlib import Path

import pytest

import ix
from ix.extraction.findings import MESSAGES, finding, said
from ix.job import Scalar

IX = Path(ix.__file__).parent
ELSEWHERE = {"extraction/findings.py", "use_cases/auto.py", "database/jobs/alike.py"}
"""Where a finding is made by hand: in the catalogue itself, and where nothing is known of extraction: in a use case,
and where jobs are compared."""


def params_of(key: str) -> dict[str, Scalar]:
    """Something for each parameter of a sentence."""
    names = {name for _, name, form, _ in string.Formatter().parse(MESSAGES[key]) if name}
    case = {"case": key.partition(".")[2]} if "." in key else {}
    params: dict[str, Scalar] = {name: 0.5 if name == "confidence" else name for name in names}
    return {**params, **case}


@pytest.mark.parametrize("key", MESSAGES)
def test_each_code_says_its_sentence_from_its_parameters(key: str) -> None:
    params = params_of(key)
    made = finding(key.partition(".")[0], "a.path", **params)
    assert made.params == params
    assert made.message == MESSAGES[key].format(**params) != ""
    for name in params.keys() - {"case"}:
        with pytest.raises(KeyError):
            said(made.code, {other: value for other, value in made.params.items() if other != name})


def calls(name: str) -> list[tuple[str, ast.Call]]:
    """Every call of a function in the package, with its file."""
    return [
        (path.relative_to(IX).as_posix(), node)
        for path in sorted(IX.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name
    ]


def test_nobody_makes_a_finding_past_the_catalogue() -> None:
    by_hand = {file for file, _ in calls("Finding") if not file.startswith("cli/doctor/")}
    assert by_hand == ELSEWHERE


def test_each_code_that_is_named_has_a_sentence() -> None:
    named = {
        node.args[0].value
        for function in ("finding", "_finding", "_point")
        for _, node in calls(function)
        if node.args and isinstance(node.args[0], ast.Constant) and "_" in str(node.args[0].value)
    }
    kinds = {"not_on_page"}
    known = {key.partition(".")[0] for key in MESSAGES} | kinds
    assert named <= known
    assert len(named) > 20


def test_a_code_that_a_plug_in_brings_says_its_text() -> None:
    assert finding("my_code", text="of my own").message == "of my own"
    assert finding("my_code", document=0, page=2, text="cut").message == "document 0, page 2: cut"


def test_parameters_are_left_out_where_there_are_none() -> None:
    assert "params" not in finding("model_warning", text="x").model_copy(update={"params": {}}).model_dump()
