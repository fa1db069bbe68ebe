"""The client where httpx and pydantic are installed, what they need, and nothing else."""

from __future__ import annotations

import json

from tests import extras
from tests.client.test_client import ENVELOPE
from tests.receiver import receiver, status

ALONE = extras.modules_of("httpx", "pydantic")
SUBMIT = """
from ix.client import Client
with Client({url!r}, "me") as client:
    print(client.submit([("a.txt", b"x")], "receipt").status)
"""


def test_it_submits() -> None:
    with receiver() as service:
        service.answers.append(status(201, json.dumps(ENVELOPE).encode()))
        done = extras.run(SUBMIT.format(url=f"http://{service.host}"), ALONE)
        assert (done.returncode, done.stdout, done.stderr) == (0, "done\n", "")
        assert b"a.txt" in service.received[0].body


def test_what_is_not_there_is_not_there() -> None:
    assert not {"httpx_sse", "asyncpg", "numpy", "starlette"} & ALONE
    assert "ModuleNotFoundError: No module named 'httpx_sse'" in extras.run("import httpx_sse", ALONE).stderr
