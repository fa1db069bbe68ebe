"""What a document may cost the process that opens it, kept by the kernel: it ends a process that asks for more.

Time is the processor's, so that a busy machine makes no difference; every page adds some, which the pages after it may
use. Memory is counted anew for each page, in proportion to the document's size: what unpacks to a thousand times its
size is no document."""

from __future__ import annotations

import resource
import signal
from pathlib import Path
from typing import ClassVar

SECONDS = 2.0
"""Processor time of opening any document."""
PICTURE_SECONDS = 3.0
"""Processor time of drawing one page of it."""
PAGE_SECONDS = 0.3
"""Processor time that each page that is read adds; one of a thousand words takes 0.1."""
PIXEL_SECONDS = 1e-7
"""Processor time that each pixel of a picture adds that is decoded: HEIC takes 3e-8, or 6e-8 where another program uses
the same caches."""
RATIO = 20
"""Bytes of memory for each byte of the document, beside what its format allows a page; drawings of many lines take 15
to 20."""
AROUND = 4
"""Of these, what has been taken already of an attachment's mail, in which it stands encoded."""
STATM = Path("/proc/self/statm")
"""Sizes of this process in pages of memory, that of its address space first (proc(5)); Linux alone has it."""


class Budget:
    """Holds this process to what a document of `size` bytes may cost. `memory` is what one page may take beside that,
    bytes; None leaves memory to the limit of the process. Past it, SIGPROF ends the process, or an allocation fails."""

    _held: ClassVar[Budget | None] = None

    def __init__(self, size: int, memory: int | None, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._memory = None if memory is None else memory + RATIO * size

    def __enter__(self) -> Budget:
        Budget._held = self
        self._spend(self._seconds)
        return self

    def page(self) -> None:
        """Another page begins: adds its time to what is left, and lets memory grow anew."""
        self._spend(signal.getitimer(signal.ITIMER_PROF)[0] + PAGE_SECONDS)

    def decodes(self, pixels: int) -> None:
        """So many pixels are about to be decoded: adds their time to what is left."""
        self._spend(signal.getitimer(signal.ITIMER_PROF)[0] + PIXEL_SECONDS * pixels)

    @classmethod
    def within(cls, size: int, memory: int | None) -> None:
        """A part of `size` bytes of the document is read next, such as a mail's attachment: until the next page it may
        take what it might as a document of its own. Nothing happens where no budget is held, or `memory` is None."""
        if cls._held is not None and memory is not None:
            limit_memory(memory + (RATIO - AROUND) * size)

    def __exit__(self, *_: object) -> None:
        Budget._held = None
        signal.setitimer(signal.ITIMER_PROF, 0)
        limit_memory(None)

    def _spend(self, seconds: float) -> None:
        # nobody handles SIGPROF, and what it does to a process by default is to end it, inside a library's loop too
        signal.setitimer(signal.ITIMER_PROF, seconds)
        limit_memory(self._memory)


def limit_memory(more: int | None) -> None:
    """Lets this process grow by so many bytes of address space, or as far as its hard limit. Only Linux says how large
    it is."""
    if not STATM.exists():
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    # the soft limit alone is lowered: without privileges a lowered hard limit could never be raised again
    wanted = hard if more is None else int(STATM.read_text().split()[0]) * resource.getpagesize() + more
    resource.setrlimit(resource.RLIMIT_AS, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))
