"""`ix batch`, `--batch` and `--tag`, as a person at a terminal meets them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Ix
from tests.cli.test_commands import RECEIPT


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "receipt.txt"
    path.write_text(RECEIPT)
    return path


def test_a_batch_from_its_beginning_to_its_end(ix: Ix, service_url: str, file: Path) -> None:
    at = ("--url", service_url, "--client-id", "batcher")
    opened = ix("batch", "open", "october", "--callback-url", "https://hooks.example.com/", *at)
    assert opened.out.strip() == "batch october  open  0 jobs"
    tags = ("--tag", "place=Köln", "--tag", "note=a = b: c")
    done = ix("submit", file, "--use-case", "receipt", "--batch", "october", *tags, "--wait", *at)
    assert done.code == 0, done.err
    assert "batch october" in done.out.splitlines()[0]
    assert "  tags: note=a = b: c, place=Köln" in done.out
    ended = ix("batch", "close", "october", "--wait", *at)
    assert ended.out.startswith("batch october  ended  1 jobs: 1 done  callback ")
    late = ix("submit", file, "--use-case", "receipt", "--batch", "october", "--tag", "a=b", *at)
    assert late.code == 1
    assert "batch_id: is closed" in late.err
    shown = json.loads(ix("batch", "show", "october", "--json", *at).out)
    assert (shown["status"], shown["jobs"]["status"]) == ("ended", {"done": 1})
    assert ix("batch", "cancel", "october", *at).code == 0
    for filters in (["--batch", "october"], ["--tag", "note=a = b: c"]):
        assert len(json.loads(ix("jobs", *filters, "--json", *at).out)) == 1
    assert json.loads(ix("jobs", "--tag", "place=Bonn", "--json", *at).out) == []
    unknown = ix("batch", "show", "may", *at)
    assert (unknown.code, unknown.err.strip()) == (1, "ix: there is no batch may; `ix batch open` declares one")


@pytest.mark.parametrize("tag", ["place", "=x", "a b=c", "k=" + "v" * 257])
def test_what_is_no_tag_is_told_before_anything_is_sent(ix: Ix, file: Path, tag: str) -> None:
    done = ix("submit", file, "--use-case", "receipt", "--tag", tag, "--url", "http://127.0.0.1:1")
    assert done.code == 2
    assert "--tag" in done.err
