"""`ix mcp`: serves agents over standard input and output, for as long as they hold them open."""

from __future__ import annotations

import argparse
import asyncio
from importlib.metadata import version
from pathlib import Path

from ix.cli import service
from ix.cli.agents.folders import Folders
from ix.config import DISTRIBUTION


def declare(command: argparse.ArgumentParser) -> None:
    """Declares what `ix mcp` takes."""
    command.add_argument(
        "--folder",
        action="append",
        type=Path,
        metavar="FOLDER",
        help="where files may be handed over from, also several times (default: the folder it is started in)",
    )
    service.add_address(command)
    command.add_argument("--client-id", metavar="ID", help="whose jobs they are (default: the key's client, or `cli`)")
    command.set_defaults(run=_run)


def _run(parsed: argparse.Namespace) -> int:
    asyncio.run(_serve(parsed))
    return 0


async def _serve(parsed: argparse.Namespace) -> None:
    # only here: it needs the extra `mcp`
    from ix.cli.agents.server import build

    folders = Folders(parsed.folder or [Path.cwd()])
    async with service.async_client(parsed, service.client_id(parsed)) as client:
        await build(client, folders, version(DISTRIBUTION)).run_stdio_async()
