"""Child processes for work that may crash, hang or eat memory: parsing untrusted documents, recognising text.

A `Children` pool runs one task (see `ix.extraction.processes.child`) in up to `workers` processes. They start when
first needed, serve call after call, and are replaced after any failure and after many calls:

    call ──▶ idle child, or a new one ──▶ answered, or raised a JobError ──▶ idle again
                                     └──▶ timed out, died, cancelled ─────▶ killed

Every call has three limits: the time that it may take, the processor time, and the memory of its process. The kernel
keeps the last two, so that no library can hold on.

A child's environment holds nothing of its parent's but what it needs to find its modules: no `IX_*`, no secrets.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from ix import errors
from ix.config import MIB
from ix.errors import InvalidInput, IxError, JobError, TimeLimitExceeded
from ix.extraction.processes import frames
from ix.extraction.processes.frames import LENGTH, Frame
from ix.extraction.processes.turns import Turns
from ix.extraction.processes.waiting import Owner, working
from ix.untrusted import parse

MAX_REPLY = 256 * MIB
"""Largest answer taken from a child, bytes: a page of 50 million pixels with four bytes each."""
MAX_HEAD = 4 * MIB
"""Largest JSON part of an answer, bytes; what is large travels in blobs, which nobody here looks into."""
MAX_CALLS = 500
"""Calls after which a child is replaced, so that what native libraries leak stays bounded."""
PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TESSDATA_PREFIX")
"""Environment variables that a child inherits."""
RAISED = {
    kind.__name__: kind
    for kind in (
        errors.DocumentError,
        errors.OcrError,
        errors.ModelError,
        errors.TimeLimitExceeded,
        errors.WorkTooMuch,
        errors.UseCaseFailed,
    )
}
"""The errors that a task may raise across the pipe."""
OVERSPENT = {-signal.SIGXCPU, -signal.SIGPROF}
"""Statuses of processes that the kernel ended because they had taken the processor for too long."""


class ChildDied(IxError):
    """A child ended, broke the protocol or raised what no task should. The message says how, never what it was
    reading."""


class OverBudget(ChildDied):
    """A child took more processor time or memory than its call may; it would do so again."""


class WasKilled(ChildDied):
    """A child was killed from outside, by the kernel for want of memory or by a person; its call was not at fault."""


class Children:
    """A pool of child processes that run `task`. `memory` limits each one's address space, bytes; None sets no
    limit. `extra` is added to their environment, and `modules` are imported before their first call (`names`). A
    process is replaced after `calls` calls. With `ahead`, as many as there are workers start before they are
    needed, once there is any call. `programs`: the task starts some; `readable`: files and folders that it reads
    beside code; `data`: the limit is one of data, for what reserves more address space than it uses."""

    def __init__(
        self,
        task: str,
        workers: int,
        memory: int | None = None,
        *,
        extra: Mapping[str, str] | None = None,
        calls: int = MAX_CALLS,
        modules: Sequence[str] = (),
        ahead: bool = False,
        programs: bool = False,
        readable: Sequence[str] = (),
        data: bool = False,
    ) -> None:
        limit = -(memory or 0) if data else memory or 0
        self._command = (task, str(limit), str(int(programs)), os.pathsep.join(readable), *modules)
        self._workers = workers
        self._ahead = ahead
        self._starting: asyncio.Task[None] | None = None
        self._calls = calls
        self._environment = {**inherited_environment(), **(extra or {})}
        self._turns = Turns(workers)
        self._spawning = asyncio.Lock()
        self._living: set[Child] = set()
        self._idle: list[Child] = []
        self._burials: set[asyncio.Task[None]] = set()
        self._stopped = False

    async def start(self) -> None:
        """Starts one child, so that the first call need not wait for the interpreter."""
        self._stopped = False
        # one that a call is starting will do
        if not self._living and not self._spawning.locked():
            self._idle.append(await self._spawn())

    async def stop(self) -> None:
        """Kills every child, also one at work: its caller gets `ChildDied`. Returns when all are gone."""
        self._stopped = True
        if self._starting is not None:
            await self._starting
        self._idle.clear()
        async with self._spawning:
            for child in list(self._living):
                self._bury(child)
        await asyncio.gather(*self._burials)

    async def call(
        self,
        body: Mapping[str, Any],
        blobs: Sequence[bytes] = (),
        *,
        seconds: float,
        processor: float | None = None,
        owner: Owner = (),
    ) -> Frame:
        """Has a child do the task within `seconds`, which count from when a child is free, and so many seconds of
        `processor` time, as many where none are given. `owner` is whose work it is, the client and its job; those of
        the job that runs where none is given. Raises `TimeLimitExceeded`, `ChildDied`, and what the task raised, one of
        `RAISED`."""
        async with self._turns.place(owner):
            child = self._living_idle() or await self._spawn()
            self._start_ahead()
            try:
                with working():
                    async with asyncio.timeout(seconds):
                        answer = await child.ask(body, blobs, processor or seconds)
            except TimeoutError:
                self._bury(child)
                raise TimeLimitExceeded(f"took longer than {seconds:g} seconds") from None
            except BaseException:
                # cancelled as well: half an answer may be in the pipe, so that no other call can use the child
                self._bury(child)
                raise
            # before the answer is looked at: a raised `JobError` is an answer too, and its child is sound
            self._retire(child)
            return answered(answer)

    def _living_idle(self) -> Child | None:
        """An idle child, skipping what was killed from outside."""
        while self._idle:
            child = self._idle.pop()
            if child.is_alive():
                return child
            self._bury(child)
        return None

    def _start_ahead(self) -> None:
        if self._ahead and not self._idle and len(self._living) < self._workers and self._starting is None:
            self._starting = asyncio.create_task(self._start_one())

    async def _start_one(self) -> None:
        try:
            child = await self._spawn()
        except (ChildDied, OSError):
            # the call that needs it will try again, and say what is wrong
            return
        finally:
            self._starting = None
        self._idle.append(child)

    async def _spawn(self) -> Child:
        async with self._spawning:
            if self._stopped:
                raise ChildDied("the pool is stopped")
            child = await Child.start(self._command, self._environment)
            self._living.add(child)
            return child

    def _retire(self, child: Child) -> None:
        if child.calls >= self._calls or self._stopped:
            self._bury(child)
        else:
            self._idle.append(child)

    def _bury(self, child: Child) -> None:
        """Kills at once and waits for the end in a task of its own, so that a cancelled caller need not."""
        if child in self._living:
            self._living.remove(child)
            child.kill()
            burial = asyncio.create_task(child.wait())
            self._burials.add(burial)
            burial.add_done_callback(self._burials.discard)


class Child:
    """One child process. A frame goes in, a frame comes out."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._process, self._in, self._out = process, process.stdin, process.stdout
        self._speaking = asyncio.Lock()
        self.calls = 0

    @classmethod
    async def start(cls, command: Sequence[str], environment: Mapping[str, str]) -> Child:
        """Starts the interpreter with the arguments of `processes.child`; it imports while the caller goes on."""
        process = await asyncio.create_subprocess_exec(
            # -P keeps the working directory off the search path: a module of the same name there would run instead
            *(sys.executable, "-P", "-m", "ix.extraction.processes.child", *command),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            # libraries may quote the document there, and it would be in the log
            stderr=asyncio.subprocess.DEVNULL,
            env=environment,
            # a signal to this process's group must not end work that it still wants to finish
            start_new_session=True,
            limit=MIB,
        )
        return cls(process)

    async def ask(self, body: Mapping[str, Any], blobs: Sequence[bytes], processor: float) -> Frame:
        """Sends one frame and reads the answer. Raises `ChildDied`."""
        async with self._speaking:
            return await self._ask(body, blobs, processor)

    async def _ask(self, body: Mapping[str, Any], blobs: Sequence[bytes], processor: float) -> Frame:
        self.calls += 1
        try:
            for whole in frames.encode(body, blobs, processor):
                chunk = memoryview(whole)
                for start in range(0, len(chunk), MIB):
                    # as much as the child has read: all at once would be copied in one go
                    self._in.write(chunk[start : start + MIB])
                    await self._in.drain()
            answer = await self._read()
        except (EOFError, OSError):
            raise _death(await self._process.wait(), processor) from None
        except (InvalidInput, KeyError, TypeError, ValueError) as error:
            raise ChildDied(f"the process broke the protocol ({type(error).__name__})") from None
        if "failed" in answer[0]:
            raise _failure(str(answer[0]["failed"])[:50])
        return answer

    def is_alive(self) -> bool:
        """Whether it has not been seen to end."""
        return self._process.returncode is None

    def kill(self) -> None:
        """Ends the process at once (SIGKILL), whatever it is doing."""
        if self.is_alive():
            self._process.kill()

    async def wait(self) -> None:
        """Returns when the process is gone and its pipes are closed."""
        async with self._speaking:
            self._in.close()
            await self._process.communicate()

    async def _read(self) -> Frame:
        (length,) = LENGTH.unpack(await self._out.readexactly(LENGTH.size))
        head = parse(await self._read_exactly(length, MAX_HEAD))
        sizes = [int(size) for size in head["sizes"]]
        if sum(sizes) > MAX_REPLY:
            raise ValueError("too long")
        return dict(head["body"]), [await self._read_exactly(size, MAX_REPLY) for size in sizes]

    async def _read_exactly(self, size: int, limit: int) -> bytes:
        if not 0 <= size <= limit:
            raise ValueError("too long")
        return await self._out.readexactly(size)


def _death(status: int, processor: float) -> ChildDied:
    said = f"the process ended with status {status}"
    if status in OVERSPENT:
        return OverBudget(f"{said}: it took more processor time than the {processor:g} seconds allowed")
    return WasKilled(f"{said}: it was killed") if status == -signal.SIGKILL else ChildDied(said)


def _failure(name: str) -> ChildDied:
    if name == MemoryError.__name__:
        return OverBudget(f"the task took more memory than allowed ({name})")
    return ChildDied(f"the task failed ({name})")


def answered(answer: Frame) -> Frame:
    """What the task answered. Raises the `JobError` that it raised."""
    body, blobs = answer
    if raised := body.get("raised"):
        raise rebuilt(raised)
    return body["answer"], blobs


def rebuilt(raised: Mapping[str, Any]) -> JobError:
    """The error that a task raised, in this process. A child may be taken over, so that its class is one of `RAISED`
    and its texts are cut."""
    kind = RAISED.get(str(raised.get("class")), errors.DocumentError)
    after = raised.get("after")
    return kind(
        str(raised.get("message"))[:500],
        code=str(raised.get("code"))[:50],
        retryable=raised.get("retryable") is True,
        after=after if isinstance(after, float) else 0.0,
    )


def inherited_environment() -> dict[str, str]:
    """The environment of a child: where programs and modules are, and nothing else."""
    kept = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    return {**kept, "PYTHONPATH": os.pathsep.join(map(os.path.abspath, sys.path)), "PYTHONDONTWRITEBYTECODE": "1"}
