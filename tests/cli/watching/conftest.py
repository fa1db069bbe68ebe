"""`ix watch` against a service of other processes, for what stands in a folder of the test."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import databases, processes
from tests.cli.conftest import Done, Ix

Watch = Callable[..., Done]


@pytest.fixture(scope="package")
def service_url(server_url: str, template_name: str) -> Iterator[str]:
    with (
        databases.clone(server_url, template_name) as url,
        processes.service(url, IX_MAX_DOCUMENT_BYTES="50000") as address,
    ):
        yield address


@pytest.fixture
def watch(ix: Ix, service_url: str, tmp_path: Path) -> Watch:
    """Runs `ix watch SOURCE --once …` with a ledger and a client of the test's own."""

    def run(source: object, *arguments: object, **settings: str) -> Done:
        own = ("--ledger", tmp_path / "ledger", "--client-id", tmp_path.name, "--url", service_url, "--json")
        return ix("watch", source, "--once", "--use-case", "receipt", *own, *arguments, **settings)

    return run


def told(done: Done) -> list[dict[str, Any]]:
    """What was printed."""
    return [json.loads(line) for line in done.out.splitlines()]
