"""How a job's time is told apart: where it only waits for a place, and where something of it works.

Whoever makes a job wait for its turn says so with `waiting`, whoever does a part of its work with `working`; whose job
it is, they find in the context of the task (`JOB`), which tasks and threads that are started in it inherit. What is
done for no job is not marked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol, TypeAlias

Owner: TypeAlias = Sequence[str]
"""For whom a place is taken: client and job; nobody, where it is for ix itself."""


class Marked(Protocol):
    """The job that runs, as those see it who make it wait or work. `waited` is how long it has only waited, seconds."""

    @property
    def owner(self) -> Owner:
        """Its client, and its id."""

    @property
    def waited(self) -> float:
        """How long nothing of it was at work because it waited for places, seconds."""

    def mark(self, *, waiting: int = 0, working: int = 0) -> None:
        """So many more (or fewer) of its parts wait now, or work."""


JOB: ContextVar[Marked | None] = ContextVar("job", default=None)
"""The job that the task works on."""


@contextmanager
def waiting() -> Iterator[None]:
    """A part of the running job only waits, for what others hold."""
    if (job := JOB.get()) is None:
        yield
        return
    job.mark(waiting=1)
    try:
        yield
    finally:
        job.mark(waiting=-1)


@contextmanager
def working() -> Iterator[None]:
    """A part of the running job is at work."""
    if (job := JOB.get()) is None:
        yield
        return
    job.mark(working=1)
    try:
        yield
    finally:
        job.mark(working=-1)


def waited() -> float:
    """How long the running job has only waited until now, seconds."""
    job = JOB.get()
    return job.waited if job is not None else 0.0


def owner() -> Owner:
    """Whose the running job is."""
    job = JOB.get()
    return job.owner if job is not None else ()
