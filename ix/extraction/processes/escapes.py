"""A task that tries what a child may not do, for `ix doctor` and the tests: each member of its answer says whether it
came to it."""

from __future__ import annotations

import ctypes
import os
import resource
import socket
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

from ix.extraction.processes.frames import Body, Frame


def handle(body: Body, blobs: list[bytes]) -> Frame:
    """What it came to: `{deed: true}` for each that worked. `body` says what to try it on: the parent's process id, the
    address of a server, a file that nobody but its owner may read, and a folder."""
    return {name_of(deed): _works(deed, body) for deed in DEEDS}, []


def name_of(deed: Callable[[Body], None]) -> str:
    """A deed's name in words with underscores between them."""
    return deed.__name__.removeprefix("_")


def _works(deed: Callable[[Body], None], body: Body) -> bool:
    try:
        deed(body)
    # the last is what Python makes of a limit that may not be raised
    except (OSError, subprocess.SubprocessError, ValueError):
        return False
    return True


def _be_root(body: Body) -> None:
    if os.getuid() and os.geteuid():
        raise PermissionError


def _read_parents_memory(body: Body) -> None:
    open(f"/proc/{body['parent']}/mem", "rb").close()


def _read_parents_environment(body: Body) -> None:
    Path(f"/proc/{body['parent']}/environ").read_bytes()


def _signal_parent(body: Body) -> None:
    os.kill(body["parent"], 0)


def _connect(body: Body) -> None:
    socket.create_connection(("127.0.0.1", body["port"]), timeout=2).close()


def _connect_to_a_path(body: Body) -> None:
    with socket.socket(socket.AF_UNIX) as one:
        one.connect(body["socket"])


def _read_a_file(body: Body) -> None:
    Path(body["file"]).read_bytes()


def _write_a_file(body: Body) -> None:
    Path(body["folder"], "written").write_text("by a child")


def _start_a_program(body: Body) -> None:
    subprocess.run(["/bin/true"], check=True)


def _fork(body: Body) -> None:
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)


def _trace_parent(body: Body) -> None:
    # PTRACE_SEIZE of sys/ptrace.h, which does not stop it
    if ctypes.CDLL(None, use_errno=True).ptrace(0x4206, body["parent"], None, None):
        raise PermissionError


def _raise_a_limit(body: Body) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (1, 1))


DEEDS: Sequence[Callable[[Body], None]] = (
    *(_be_root, _read_parents_memory, _read_parents_environment, _signal_parent, _trace_parent, _connect),
    *(_connect_to_a_path, _read_a_file, _write_a_file, _start_a_program, _fork, _raise_a_limit),
)
