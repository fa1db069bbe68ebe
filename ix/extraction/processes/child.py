"""What runs in a child process: `python -m ix.extraction.processes.child TASK MEMORY PROGRAMS READABLE [MODULE …]`.

TASK names a module with `handle(body, blobs) -> (body, blobs)`; MEMORY is the limit of the address space in bytes, 0
for none, or, below zero, that of data alone; PROGRAMS is 1 for a task that starts programs (see
`ix.extraction.processes.sandbox`), else 0; READABLE lists files and folders that it reads beside code, as PATH does;
each MODULE is imported before the first call, as `ix.extraction.processes.names` writes it. The child answers one
frame after another (see `ix.extraction.processes.frames`) until its input ends; the kernel ends it where a call takes
more processor time than the frame allows. A `JobError` travels as its class, code and message; of any other exception
only the class's name does, since its message may carry document text, and the child ends with it."""

from __future__ import annotations

import ctypes
import gc
import importlib
import math
import os
import resource
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import BinaryIO, Protocol, cast

from ix.errors import JobError
from ix.extraction.processes import frames, names, sandbox
from ix.extraction.processes.frames import Body, Frame

GARBAGE_OBJECTS = 50_000
"""New objects between two looks for unreachable cycles. Python's own 700 cost a twentieth of the time."""
NICENESS = 5
"""How much a child stands back (nice(2)): a third of the time of a process that does not, where both want all of it."""
PR_SET_PDEATHSIG = 1
"""Option of prctl(2) that names the signal which the death of the parent sends (linux/prctl.h)."""


class Task(Protocol):
    """A module that a child serves."""

    def handle(self, body: Body, blobs: list[bytes]) -> Frame:
        """Answers one call. Raises `JobError`s."""


def main(task: str, memory: int, programs: bool, readable: Sequence[str], modules: Sequence[str]) -> None:
    """Serves one task until the input ends."""
    # whoever claims, beats and answers goes first where there are too few processors for all
    os.nice(NICENESS)
    # before the task is imported: its libraries print, allocate, start threads and take their time
    incoming, outgoing = take_pipes()
    sandbox.confine([*readable, *map(names.folder, modules)], programs)
    # after a change of the user, which makes the kernel forget it
    die_with_parent()
    limit(memory)
    try:
        loaded = cast(Task, importlib.import_module(task))
        warm_up(modules)
        collect_garbage_seldom()
        serve(loaded, incoming, outgoing)
    except Exception as error:
        frames.write(outgoing, {"failed": type(error).__name__})


def warm_up(modules: Sequence[str]) -> None:
    """Imports what calls will need. One that fails, as a use case of others may, is that call's to tell."""
    for module in modules:
        with suppress(Exception, SystemExit):
            names.import_(module)


def collect_garbage_seldom() -> None:
    """Looks for unreachable cycles of objects less often: what is loaded by now stays, and a call makes many objects
    that live until its end."""
    gc.freeze()
    gc.set_threshold(GARBAGE_OBJECTS, 20, 50)


def serve(task: Task, incoming: BinaryIO, outgoing: BinaryIO) -> None:
    """Answers frame after frame until `incoming` ends, or memory does."""
    while (call := frames.read(incoming)) is not None:
        allow(call.seconds)
        exhausted = False
        try:
            body, blobs = task.handle(call.body, call.blobs)
        except JobError as error:
            body, blobs = {"raised": packed(error)}, []
        except MemoryError:
            exhausted = True
        else:
            body = {"answer": body}
        # told only here, where the exception is gone and with it all that its frames held
        if exhausted:
            frames.write(outgoing, {"failed": MemoryError.__name__})
            return
        frames.write(outgoing, body, blobs)


def packed(error: JobError) -> Body:
    """An error as it travels."""
    return {
        "class": type(error).__name__,
        "code": error.code,
        "message": error.message,
        "retryable": error.retryable,
        "after": error.after,
    }


def allow(seconds: float) -> None:
    """Lets this process take so much more processor time; past it the kernel sends SIGXCPU, which ends it, inside a
    library's loop too."""
    used = time.process_time()
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(used + seconds), hard))


def take_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Moves the pipes away from descriptors 0 and 1, so that nothing a library prints or reads there gets between
    frames."""
    incoming, outgoing = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    os.close(nothing)
    return incoming, outgoing


def limit(memory: int) -> None:
    """No core dumps (they hold documents), and no more address space than `memory` bytes, or where that is below zero
    no more data; macOS refuses to set those."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if memory:
        try:
            resource.setrlimit(resource.RLIMIT_AS if memory > 0 else resource.RLIMIT_DATA, (abs(memory), abs(memory)))
        except (ValueError, OSError):
            if sys.platform == "linux":
                raise


def die_with_parent() -> None:
    """On Linux the kernel ends the child with its parent; elsewhere the end of its input does."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3] == "1", sys.argv[4].split(os.pathsep), sys.argv[5:])
