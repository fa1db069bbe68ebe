"""`ix caps`, in the test's own process."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

from tests.cli.conftest import Ix


@pytest.fixture
def caps(ix: Ix, database_url: str) -> Ix:
    return lambda *arguments: ix("caps", *arguments, IX_POSTGRES_URL=database_url, IX_DAY_PAGES="500")


def test_caps_are_set_listed_and_dropped(caps: Ix) -> None:
    assert caps("list").out.startswith("no client has caps of its own\nall others  jobs: none, pages: 500\n")
    assert caps("set", "acme", "--jobs", "1000").out == "acme  jobs: 1000, pages: default\n"
    assert caps("set", "free", "--jobs", "none", "--pages", "none").out == "free  jobs: none, pages: none\n"
    told = json.loads(caps("list", "--json").out)
    assert told["default"] == {"jobs": 0, "pages": 500}
    assert told["clients"] == [
        {"client_id": "acme", "jobs": 1000, "pages": None, "used_jobs": 0, "used_pages": 0},
        {"client_id": "free", "jobs": 0, "pages": 0, "used_jobs": 0, "used_pages": 0},
    ]
    assert "acme    0           1000  0            default" in caps("list").out
    assert caps("drop", "acme", "acme").out == "acme  has the caps of the settings\nacme  had none of its own\n"
    assert [one["client_id"] for one in json.loads(caps("list", "--json").out)["clients"]] == ["free"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["set", "acme"], "say how many: --jobs or --pages"),
        (["set", "acme", "--jobs", "0"], "argument --jobs: '0' is no number from 1 on, nor none or default"),
        (["set", "acme", "--jobs", "-1"], "'-1' is no number from 1 on"),
        (["set", "acme", "--pages", "²"], "'²' is no number from 1 on"),
        (["set", "", "--jobs", "1"], "a client's id has 1 to 200 characters"),
    ],
)
def test_what_no_cap_can_be_is_said(caps: Ix, arguments: Sequence[str], said: str) -> None:
    done = caps(*arguments)
    assert done.code != 0
    assert said in done.err
