"""The tools and resources of `ix mcp`. To add a tool, write a method here and name it in `tools`."""

from __future__ import annotations

import io
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ResourceError, ToolError
from mcp.types import ToolAnnotations

from ix.cli.agents import answers
from ix.cli.agents.folders import Folders
from ix.client import AsyncClient, Document
from ix.errors import IxError
from ix.job import Status

INSTRUCTIONS = """\
ix reads documents (receipts, invoices, statements, letters, any form) into typed JSON, and says for each value where \
on the page it stands and how sure it is. read_document hands a file over and waits for the answer; with use_case \
`auto` ix finds out what it is, with `custom` you give the JSON Schema of what you want as options={"schema": …}. \
Where `doubts` is not empty, show these values to a person with their quote and page, instead of relying on them."""
T = TypeVar("T")
MOST_SECONDS = 120.0
"""Agents' own limits for a tool's answer are often a minute or two: a job that takes longer is asked for again."""
MOST_LISTED = 50
READS = ToolAnnotations(read_only_hint=True, open_world_hint=False)
WRITES = ToolAnnotations(read_only_hint=False, destructive_hint=False, idempotent_hint=True, open_world_hint=False)


class Tools:
    """What an agent may do, as methods whose names, arguments and descriptions it sees. Nothing here erases."""

    def __init__(self, client: AsyncClient, folders: Folders) -> None:
        self._client = client
        self._folders = folders

    async def list_use_cases(self) -> answers.UseCases:
        """What can be asked of a document: the names that read_document takes as use_case."""
        infos = await _told(self._client.use_cases())
        return answers.UseCases(use_cases=[answers.asked(info) for info in infos])

    async def read_document(
        self,
        file: str,
        use_case: str = "auto",
        options: dict[str, Any] | None = None,
        pages: str = "",
        seconds: float = 60.0,
        tags: dict[str, str] | None = None,
    ) -> answers.Outcome:
        """Reads a document and gives its values with their evidence. The same file asked the same way again is the
        same job. `file` is a path in one of the open folders; `pages` the only ones to read, such as `1-3,5`; `seconds`
        how long to wait, 120 at most: where `ended` is false then, go on with wait_for_job. `tags` are words of your
        own for the job, which list_jobs finds it by."""
        try:
            document = Document(self._folders.file(file), pages)
            job = await _told(self._client.submit([document], use_case, options=options, tags=tags))
        except OSError as error:
            raise ToolError(f"{file} cannot be read ({error.strerror})") from None
        except IxError as error:
            raise ToolError(str(error)) from None
        return await self.wait_for_job(job.ix_id, seconds)

    async def wait_for_job(self, ix_id: str, seconds: float = 60.0) -> answers.Outcome:
        """A job once it has ended, or as it is after `seconds`, 120 at most."""
        return answers.outcome(await _told(self._client.wait(ix_id, min(max(seconds, 0.0), MOST_SECONDS))))

    async def list_jobs(
        self,
        status: Status | None = None,
        use_case: str | None = None,
        words: str | None = None,
        most: int = 20,
        tag: str | None = None,
    ) -> answers.Jobs:
        """Jobs, newest first. `words` is the beginning of an id, or of words of the document's name; `tag` one of the
        job's tags as `key:value`; `most` is 50 at most."""
        found: list[answers.Listed] = []
        limit = min(max(most, 1), MOST_LISTED)
        heads = self._client.jobs(status=status, use_case=use_case, q=words, tag=tag, limit=limit)
        try:
            async for head in heads:
                found.append(answers.listed(head))
                if len(found) == limit:
                    break
        except IxError as error:
            raise ToolError(str(error)) from None
        return answers.Jobs(jobs=found)

    async def job(self, ix_id: str) -> str:
        """A job's envelope: what was asked, the answer, boxes of each value, warnings, timings."""
        return (await _found(self._client.get(ix_id))).model_dump_json()

    async def text(self, ix_id: str) -> str:
        """The words of a job's pages, laid out as they stand."""
        return (await self._taken(ix_id, "text")).decode()

    async def page(self, ix_id: str, document: int, page: int) -> bytes:
        """A page as a picture (WebP); documents are numbered from 0, pages from 1."""
        return await self._taken(ix_id, f"pages/{document}/{page}/picture")

    async def _taken(self, ix_id: str, what: str) -> bytes:
        file = io.BytesIO()
        await _found(self._client.take(ix_id, what, file, MOST_SECONDS))
        return file.getvalue()

    @property
    def tools(self) -> list[tuple[Callable[..., Awaitable[Any]], ToolAnnotations]]:
        """Each tool, and what agents may assume of it."""
        return [
            (self.list_use_cases, READS),
            (self.read_document, WRITES),
            (self.wait_for_job, READS),
            (self.list_jobs, READS),
        ]


def build(client: AsyncClient, folders: Folders, version: str) -> MCPServer:
    """The server, ready to run."""
    server: MCPServer = MCPServer("ix", instructions=INSTRUCTIONS, version=version, log_level="WARNING")
    tools = Tools(client, folders)
    for tool, kind in tools.tools:
        server.tool(annotations=kind)(tool)
    server.resource("ix://jobs/{ix_id}", mime_type="application/json")(tools.job)
    server.resource("ix://jobs/{ix_id}/text", mime_type="text/plain")(tools.text)
    server.resource("ix://jobs/{ix_id}/pages/{document}/{page}", mime_type="image/webp")(tools.page)
    return server


async def _told(answer: Awaitable[T]) -> T:
    """An answer of the service to a tool. Raises `ToolError`, whose text the agent reads."""
    try:
        return await answer
    except IxError as error:
        raise ToolError(str(error)) from None


async def _found(answer: Awaitable[T]) -> T:
    """An answer of the service to a resource. Raises `ResourceError`."""
    try:
        return await answer
    except IxError as error:
        raise ResourceError(str(error)) from None
