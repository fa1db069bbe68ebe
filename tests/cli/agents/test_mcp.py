"""`ix mcp` as an agent meets it: a process of its own on standard input and output, before a real service."""

from __future__ import annotations

import json
import os
import sys
from base64 import b64decode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests import databases, processes
from tests.cli.test_commands import NOWHERE, RECEIPT
from tests.extraction.pdfs import Sheet, lines, pdf

pytest.importorskip("mcp", reason="the extra mcp is not installed")

from mcp.client import Client
from mcp.client.stdio import StdioServerParameters


@pytest.fixture(scope="module")
def service_url(server_url: str, template_name: str) -> Any:
    with databases.clone(server_url, template_name) as url, processes.service(url) as address:
        yield address


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    inside = tmp_path / "inbox"
    inside.mkdir()
    (inside / "receipt.txt").write_text(RECEIPT)
    (inside / "page.pdf").write_bytes(pdf(Sheet(lines(*filter(None, RECEIPT.splitlines())))))
    (tmp_path / "secret.txt").write_text("TOTAL 99.00")
    (inside / "link.txt").symlink_to(tmp_path / "secret.txt")
    return inside


@asynccontextmanager
async def agent(url: str, folder: Path) -> AsyncIterator[Client]:
    env = {name: value for name, value in os.environ.items() if not name.startswith("IX_")}
    arguments = ["-m", "ix", "mcp", "--folder", str(folder), "--url", url, "--client-id", folder.parent.name]
    async with Client(StdioServerParameters(command=sys.executable, args=arguments, env=env)) as client:
        yield client


async def call(client: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    answer = await client.call_tool(tool, arguments)
    assert not answer.is_error, answer.content
    assert answer.structured_content is not None
    return dict(answer.structured_content)


async def refusal(client: Client, tool: str, **arguments: Any) -> str:
    answer = await client.call_tool(tool, arguments)
    assert answer.is_error
    return str(getattr(answer.content[0], "text", ""))


async def test_a_document_becomes_values_with_their_evidence(service_url: str, folder: Path) -> None:
    async with agent(service_url, folder) as client:
        told = await call(client, "read_document", file="receipt.txt", use_case="receipt")
        assert (told["status"], told["ended"], told["result"]["total"]) == ("done", True, 3.7)
        total = next(value for value in told["values"] if value["path"] == "total")
        assert (total["quote"], total["document"], total["page"]) == ("3.70", 0, 1)
        assert 0 < total["confidence"] <= 1
        # the same file asked the same way: the same job, as a retry of an agent should have it
        again = await call(client, "read_document", file=str(folder / "receipt.txt"), use_case="receipt")
        assert again["ix_id"] == told["ix_id"]
        jobs = (await call(client, "list_jobs", status="done"))["jobs"]
        assert [(job["ix_id"], job["document"]) for job in jobs] == [(told["ix_id"], "receipt.txt")]


async def test_what_is_doubtful_is_said(service_url: str, folder: Path) -> None:
    (folder / "odd.txt").write_text(RECEIPT.replace("3.70", "9.99"))
    async with agent(service_url, folder) as client:
        told = await call(client, "read_document", file="odd.txt", use_case="receipt")
        assert told["doubts"], told
        assert all(doubt["code"] and doubt["message"] for doubt in told["doubts"])


async def test_a_job_its_text_and_its_pages_are_resources(service_url: str, folder: Path) -> None:
    async with agent(service_url, folder) as client:
        told = await call(client, "read_document", file="page.pdf", use_case="receipt")
        base = f"ix://jobs/{told['ix_id']}"
        envelope = (await client.read_resource(base)).contents[0]
        assert json.loads(getattr(envelope, "text", ""))["response"]["evidence"]["total"]["boxes"]
        text = (await client.read_resource(f"{base}/text")).contents[0]
        assert "CORNER SHOP LTD" in getattr(text, "text", "")
        picture = (await client.read_resource(f"{base}/pages/0/1")).contents[0]
        assert b64decode(getattr(picture, "blob", ""))[8:12] == b"WEBP"


async def test_a_job_that_runs_on_is_asked_for_again(service_url: str, folder: Path) -> None:
    async with agent(service_url, folder) as client:
        told = await call(client, "read_document", file="receipt.txt", use_case="drill", options={"seconds": 1.0},
                          seconds=0)  # fmt: skip
        assert not told["ended"]
        assert (await call(client, "wait_for_job", ix_id=told["ix_id"]))["ended"]


async def test_only_files_in_the_open_folders_are_handed_over(service_url: str, folder: Path) -> None:
    async with agent(service_url, folder) as client:
        before = await call(client, "list_jobs")
        for file in ["../secret.txt", "link.txt", "/etc/hostname", "", "no.txt", "a\0b", "x" * 5000]:
            assert "there is no such file in" in await refusal(client, "read_document", file=file)
        assert await call(client, "list_jobs") == before


async def test_errors_say_what_to_do(service_url: str, folder: Path) -> None:
    async with agent(service_url, folder) as client:
        assert "use_case" in await refusal(client, "read_document", file="receipt.txt", use_case="nothing")
        assert "there is no such job" in await refusal(client, "wait_for_job", ix_id="0" * 16)
        names = [one["name"] for one in (await call(client, "list_use_cases"))["use_cases"]]
        assert {"auto", "custom", "receipt"} <= {*names}
    async with agent(NOWHERE, folder) as client:
        assert "127.0.0.1:1" in await refusal(client, "list_use_cases")
