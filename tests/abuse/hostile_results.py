"""Models of results that harm whoever checks a result with them: as use cases of others do by mistake, and documents
provoke."""

from __future__ import annotations

import os
import re
import signal
import sys
import threading
from collections.abc import Callable

from pydantic import BaseModel, ConfigDict, create_model, model_validator


class Harmless(BaseModel):
    """The base of the others: takes every result."""

    model_config = ConfigDict(extra="allow")


def _doing(name: str, deed: Callable[[], object]) -> type[BaseModel]:
    def act(result: object) -> object:
        deed()
        return result

    acts = type(name, (Harmless,), {"__module__": __name__, "act": model_validator(mode="before")(act)})
    assert issubclass(acts, BaseModel)
    return acts


def _backtrack() -> None:
    # C code that holds the interpreter, and hears no signal that Python handles
    re.match(r"(a+)+$", "a" * 40 + "!")


def _hoard() -> None:
    kept: list[bytearray] = []
    while True:
        kept.append(bytearray(8 << 20))


def _count() -> None:
    while True:
        pass


def _start_threads() -> None:
    for _ in range(4):
        threading.Thread(target=_count).start()
    _count()


def _fail() -> None:
    raise KeyError("words of the document")


Backtracks = _doing("Backtracks", _backtrack)
Hoards = _doing("Hoards", _hoard)
Counts = _doing("Counts", _count)
StartsThreads = _doing("StartsThreads", _start_threads)
Fails = _doing("Fails", _fail)
Leaves = _doing("Leaves", lambda: sys.exit(0))
Exits = _doing("Exits", lambda: os._exit(0))
Crashes = _doing("Crashes", lambda: os.kill(os.getpid(), signal.SIGSEGV))
Killed = _doing("Killed", lambda: os.kill(os.getpid(), signal.SIGKILL))
Recurses = _doing("Recurses", lambda: _recurse())
Sleeps = _doing("Sleeps", lambda: threading.Event().wait())
FIELDS = 2_000
Huge: type[BaseModel] = create_model(  # type: ignore[call-overload]
    "Huge", __base__=Harmless, __module__=__name__, **{f"field_{number}": (int, ...) for number in range(FIELDS)}
)


def _recurse() -> None:
    _recurse()
