"""What a child may not do, tried by one."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ix.extraction.processes import escapes
from ix.extraction.processes.children import Children

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the sandbox is made of what Linux offers")

OWN_RIGHTS = {"be_root", "read_parents_memory", "trace_parent", "raise_a_limit"}
"""Deeds that not every user of a system may do."""


@pytest.fixture
async def reached(tmp_path: Path) -> AsyncIterator[dict[str, Any]]:
    """What there is to reach: a server, a socket with a path, a file, a folder, and this process."""
    secret = tmp_path / "secret"
    secret.write_text("of the parent")
    with closing(socket.create_server(("127.0.0.1", 0))) as server, closing(socket.socket(socket.AF_UNIX)) as local:
        local.bind(str(tmp_path / "local"))
        local.listen()
        yield {
            "parent": os.getpid(),
            "port": server.getsockname()[1],
            "socket": str(tmp_path / "local"),
            "file": str(secret),
            "folder": str(tmp_path),
        }


async def escaped(reached: dict[str, Any], programs: bool = False) -> set[str]:
    pool = Children("ix.extraction.processes.escapes", 1, programs=programs)
    try:
        answer, _ = await pool.call(reached, seconds=30)
    finally:
        await pool.stop()
    return {deed for deed, worked in answer.items() if worked}


async def test_a_child_comes_to_nothing_that_it_tries(reached: dict[str, Any]) -> None:
    assert await escaped(reached) == set()


async def test_one_that_needs_programs_may_start_them_and_no_more(reached: dict[str, Any]) -> None:
    assert await escaped(reached, programs=True) == {"start_a_program", "fork"}


def test_whoever_is_not_confined_comes_to_it(reached: dict[str, Any]) -> None:
    """Or the tests above would pass whatever a child may do."""
    program = (
        "import json, sys; from ix.extraction.processes import escapes; "
        "tried = escapes.handle(json.loads(sys.argv[1]), [])[0]; print(*[name for name in tried if tried[name]])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, json.dumps(reached)], capture_output=True, check=True, text=True
    )
    harmless = set(map(escapes.name_of, escapes.DEEDS)) - OWN_RIGHTS
    assert harmless <= set(done.stdout.split())
