"""What the README and its companions say exists, exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from starlette.routing import Route

from ix import use_cases
from ix.api.app import ROUTES
from ix.cli.up import PROCESSES
from ix.config import Settings, variable

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text()
GUARANTEES = (ROOT / "docs" / "guarantees.md").read_text()
VARIABLES = {variable(name) for name in Settings.model_fields}
FOR_TESTS = {"IX_TEST_DATABASE_URL", "IX_FAIL_ON_SKIP"}


@pytest.mark.parametrize("text", [README, CONTRIBUTING, GUARANTEES], ids=["README", "CONTRIBUTING", "guarantees"])
def test_every_variable_is_a_setting(text: str) -> None:
    assert set(re.findall(r"IX_[A-Z_]+[A-Z]", text)) <= VARIABLES | FOR_TESTS


def test_every_route_is_in_the_table_and_no_other() -> None:
    served = {
        (method, route.path.replace("ix_id", "id"))
        for route in ROUTES
        if isinstance(route, Route)
        for method in route.methods or ()
    }
    described = {
        (method, path.split("?")[0])
        for method, path in re.findall(r"^\| `(GET|POST|DELETE) (\S+)` \|", README, re.MULTILINE)
    }
    assert described == {(method, path) for method, path in served if method != "HEAD"}


def test_every_use_case_is_in_the_table() -> None:
    table = README.split("### Use cases")[1].split("###")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == set(use_cases.load())


@pytest.mark.parametrize("text", [README, CONTRIBUTING, GUARANTEES], ids=["README", "CONTRIBUTING", "guarantees"])
def test_every_make_target_is_in_the_makefile(text: str) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"^make ([a-z]+)", text, re.MULTILINE)) <= targets


@pytest.mark.parametrize("text", [README, CONTRIBUTING], ids=["README", "CONTRIBUTING"])
def test_every_file_that_is_linked_or_named_exists(text: str) -> None:
    named = re.findall(r"\]\(([\w./-]+)\)", text) + re.findall(r"`((?:ix|db|tests|examples)/[\w./-]*)`", text)
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_the_procfile_is_what_ix_up_runs() -> None:
    lines = (ROOT / "Procfile").read_text().splitlines()
    assert dict(line.split(": ", 1) for line in lines) == {name: f"ix {command}" for name, command in PROCESSES.items()}
