"""`ix keys`, in the test's own process."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from ix.database.keys import RIGHTS
from tests.cli.conftest import Ix

DEFAULT = ["submit", "view", "review", "export"]


@pytest.fixture
def keys(ix: Ix, database_url: str) -> Ix:
    return lambda *arguments: ix("keys", *arguments, IX_POSTGRES_URL=database_url)


def listed(keys: Ix) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(keys("list", "--json").out)
    return found


def test_a_key_is_made_with_what_is_said_and_changed(keys: Ix) -> None:
    assert keys("list").out == "no keys\n"
    limits = ("--may", "submit, view", "--use-cases", "invoice,receipt", "--expires", "90d")
    made = keys("add", "acme", "--name", "scanner in the hall", *limits, "--json")
    key_id = json.loads(made.out)["key"].split("_")[1]
    [key] = listed(keys)
    assert (key["key_id"], key["client_id"], key["name"]) == (key_id, "acme", "scanner in the hall")
    assert (key["may"], key["use_cases"], key["used_at"]) == (["submit", "view"], ["invoice", "receipt"], None)
    assert key["expires_at"] is not None
    assert f"{key_id}  acme    scanner in the hall  submit,view  invoice,receipt" in keys("list").out
    assert keys("change", key_id, "--may", "view,operate").out == f"{key_id}  changed\n"
    [changed] = listed(keys)
    assert changed == {**key, "may": ["view", "operate"]}
    assert keys("change", key_id, "--use-cases", "all", "--expires", "never", "--name", "").code == 0
    [changed] = listed(keys)
    assert (changed["name"], changed["use_cases"], changed["expires_at"]) == ("", None, None)


def test_without_a_word_a_key_has_the_rights_of_its_kind(keys: Ix) -> None:
    assert (keys("add", "acme").code, keys("add", "--admin").code) == (0, 0)
    assert [key["may"] for key in listed(keys)] == [DEFAULT, list(RIGHTS)]
    assert [key["use_cases"] for key in listed(keys)] == [None, None]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["add", "acme", "--may", "view,fly"], "argument --may: 'fly' is none of submit, view"),
        (["add", "acme", "--may", ","], "argument --may: names nothing"),
        (["add", "acme", "--may", "administer"], "--may: a client's key cannot administer"),
        (["add", "acme", "--expires", "soon"], "argument --expires: 'soon' is not such as 12h, 90d or 1y"),
        (["add", "acme", "--expires", "0d"], "argument --expires: '0d' is not such as"),
        (["add", "acme", "--expires", "101y"], "at most 100y"),
        (["add", "acme", "--name", "x" * 201], "argument --name: is longer than 200 characters"),
        (["change", "0123456789ab"], "say what to change"),
        (["change", "0123456789ab", "--name", "x"], "there is no key 0123456789ab"),
    ],
)
def test_what_no_key_can_be_is_said(keys: Ix, arguments: Sequence[str], said: str) -> None:
    done = keys(*arguments)
    assert done.code != 0
    assert said in done.err


def test_a_clients_key_is_not_changed_into_one_that_administers(keys: Ix) -> None:
    key_id = keys("add", "acme").out.split("_")[1]
    done = keys("change", key_id, "--may", "administer")
    assert (done.code, "which cannot administer" in done.err) == (1, True)
    assert [key["may"] for key in listed(keys)] == [DEFAULT]
