"""Check of the child processes that read documents: what could one do that a hostile document took over?"""

from __future__ import annotations

import os
import socket
import sys
import tempfile
from contextlib import closing
from pathlib import Path

from ix.cli.doctor.patient import Finding, Patient, off, ok, warn
from ix.extraction.processes.children import Children
from ix.extraction.processes.sandbox import hide_memory

HELD = "a child that reads documents has no network, no files but its code, no programs and no rights"
ADVICE = "a kernel with seccomp and Landlock (Linux 5.13 or newer) forbids it; some containers switch them off"


async def confinement(patient: Patient) -> Finding:
    """A child tries what it may not do, and fails."""
    if sys.platform != "linux":
        return off("not checked: only Linux offers what confines child processes")
    hide_memory()
    escaped = await _escapes()
    if not escaped:
        return ok(HELD)
    return warn(f"a child that reads documents can {', '.join(name.replace('_', ' ') for name in escaped)}", ADVICE)


async def _escapes() -> list[str]:
    pool = Children("ix.extraction.processes.escapes", 1)
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(socket.create_server(("127.0.0.1", 0))) as server,
        closing(socket.socket(socket.AF_UNIX)) as local,
    ):
        path, secret = str(Path(folder, "socket")), Path(folder, "secret")
        local.bind(path)
        local.listen()
        # a moment's work on a file of a few bytes
        secret.write_text("of the parent")  # noqa: ASYNC240
        port = server.getsockname()[1]
        body = {"parent": os.getpid(), "port": port, "socket": path, "file": str(secret), "folder": folder}
        try:
            answer, _ = await pool.call(body, seconds=10)
        finally:
            await pool.stop()
    return [deed for deed, worked in answer.items() if worked]
