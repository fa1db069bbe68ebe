"""`ix retention`, in the test's own process."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

from tests.cli.conftest import Ix


@pytest.fixture
def retention(ix: Ix, database_url: str) -> Ix:
    settings = {"IX_POSTGRES_URL": database_url, "IX_DOCUMENT_DAYS": "receipt=7", "IX_RETENTION_DAYS": "365"}
    return lambda *arguments: ix("retention", *arguments, **settings)


def test_terms_are_set_listed_and_dropped(retention: Ix) -> None:
    assert retention("set", "invoice", "--documents", "30").out == (
        "invoice  documents: 30 days, results: default, jobs: default\n"
    )
    # what is not given stays
    assert retention("set", "invoice", "--jobs", "never").out == (
        "invoice  documents: 30 days, results: default, jobs: never\n"
    )
    assert retention("set", "*", "--results", "0.5").code == 0
    told = json.loads(retention("list", "--json").out)
    assert told["terms"] == {
        "*": {"documents": 0.0, "results": 0.5, "jobs": 365.0},
        "invoice": {"documents": 30.0, "results": 0.5, "jobs": 0.0},
        "receipt": {"documents": 7.0, "results": 0.5, "jobs": 365.0},
    }
    assert "receipt   7 days     0.5 days  365 days\naudit log: never\n" in retention("list").out
    assert retention("drop", "invoice").out == "invoice  is kept as the settings and all others have it\n"
    assert retention("drop", "invoice").out == "invoice  had no terms of its own\n"


def test_the_term_of_the_audit_log_is_set_and_lifted(retention: Ix) -> None:
    assert retention("audit", "400").out == "audit log: 400 days\n"
    assert json.loads(retention("list", "--json").out)["audit"] == 400
    assert retention("audit", "never").out == "audit log: never\n"
    assert json.loads(retention("list", "--json").out)["audit"] is None


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["set", "invoice"], "say what goes: --documents, --results or --jobs"),
        (["set", "invoice", "--jobs", "0"], "'0' is no number of days up to 36500, nor never or default"),
        (["set", "invoice", "--jobs", "nan"], "'nan' is no number of days"),
        (["set", "", "--jobs", "1"], "the name of a use case has 1 to 200 characters"),
        (["audit", "0.5"], "'0.5' is no number of days from 1 on, nor never"),
        (["audit", "default"], "'default' is no number of days from 1 on, nor never"),
    ],
)
def test_what_no_term_can_be_is_said(retention: Ix, arguments: Sequence[str], said: str) -> None:
    done = retention(*arguments)
    assert done.code != 0
    assert said in done.err
