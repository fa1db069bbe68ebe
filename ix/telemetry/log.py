"""Every log line: wording, level, fields, redaction. Nothing else in ix calls `logging`.

`log(Event.JOB_FINISHED, seconds=0.5)` writes a short sentence and `key=value` fields, or both as one JSON object.
Fields are ids, counts, codes and seconds, never document text, keys or the credentials in an address. `bind(ix_id=…)`
adds a field to all further lines of a task, `with bound(ix_id=…)` to those of a block (both as in structlog), so that
nobody has to pass it on: `http_request` while a request is handled (the id in its X-Request-Id; a submission's own
`request_id` is the client's and another thing), `ix_id` while a job is worked on, and `trace_id` where the client sent
a trace along."""

from __future__ import annotations

import asyncio
import json
import logging
import math
import re
import sys
import time
from collections.abc import Mapping
from contextlib import nullcontext
from contextvars import Context, ContextVar
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Literal, TextIO

from ix.telemetry.events import Event as Event

Form = Literal["text", "json"]

_logger = logging.getLogger("ix")
_CREDENTIALS = re.compile(r"(?<=://)[^/?#\s]+(?=@)|(?<=password=)[^&\s]+", re.IGNORECASE)
_LEVELS = {
    level: logging.getLevelName(level) for level in (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR)
}
_is_harmless = re.compile("[A-Za-z0-9_.+-]*").fullmatch
"""Whether a text has nothing to hide: neither an address nor an assignment, so no credentials either."""
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_bound: ContextVar[Mapping[str, Any]] = ContextVar("bound", default={})  # noqa: B039 - replaced, never changed
_SAFE_CLASSES = frozenset(("08", "25", "28", "3D", "40", "42", "53", "55", "57", "58"))
"""Classes of SQLSTATE whose messages name connections, accounts, tables and limits, never values (PostgreSQL manual,
appendix A)."""


def log(event: Event, /, *, error: BaseException | None = None, **fields: Any) -> None:
    """Writes one line with these fields and those that are bound; a field that is None is left out. Of `error` it
    shows what `describe` does."""
    level, sentence = event._value_
    if not _logger.isEnabledFor(level):
        return
    if error is not None:
        fields["error"] = describe(error)
    # a field that is given comes first and wins over one that is bound
    for name, value in _bound.get().items():
        fields.setdefault(name, value)
    if None in fields.values():
        fields = {name: value for name, value in fields.items() if value is not None}
    _logger.handle(_Line(event, level, sentence, fields))


def bind(**fields: Any) -> None:
    """Adds these fields to every further line of this task and of tasks that it starts, in place of all that were bound
    before."""
    _bound.set(fields)


def bound_field(name: str) -> Any:
    """The value of a field that is bound; None where it is not."""
    return _bound.get().get(name)


class bound:  # noqa: N801 - used like a function
    """Adds these fields to every line of a `with` block and of tasks started in it, beside those that are bound
    already."""

    __slots__ = ("_fields", "_token")

    def __init__(self, **fields: Any) -> None:
        self._fields = fields

    def __enter__(self) -> None:
        self._token = _bound.set({**_bound.get(), **self._fields})

    def __exit__(self, *error: object) -> None:
        _bound.reset(self._token)


def describe(error: BaseException) -> str:
    """An error in words that are safe to log and to store, at most 300 characters: its type, and the message where it
    is one of ix's own or the machine's, which carry no document text."""
    name, words = type(error).__name__, redact(_words(error))
    return f"{name}: {words}"[:300] if words else name


def _words(error: BaseException) -> str:
    if isinstance(error, OSError):
        # str() would name the file as well
        return str(error) if error.filename is None else str(error.strerror)
    package = type(error).__module__.partition(".")[0]
    # asyncpg is known by its name: the client's commands log too, and do without it
    if package == "asyncpg" and hasattr(error, "sqlstate"):
        return _postgres_words(error)
    return str(error) if package in ("ix", "asyncpg") else ""


def _postgres_words(error: Any) -> str:
    """Messages about the server and its tables as they are, without their detail; of all others, which may quote a row,
    only the constraint or the code."""
    code = str(error.sqlstate or "")
    if code[:2] in _SAFE_CLASSES:
        return str(error.args[0])
    return f"constraint {error.constraint_name}" if error.constraint_name else f"SQLSTATE {code}"


def redact(text: str) -> str:
    """`text` without credentials in addresses."""
    return _CREDENTIALS.sub("…", text)


def configure(level: str = "INFO", form: Form = "text") -> None:
    """Sends ix's lines, and what libraries warn of, to standard error. Called by the commands, never by the library."""
    handler = Lines(sys.stderr)
    handler.setFormatter(JsonFormatter() if form == "json" else TextFormatter())
    _logger.handlers[:] = [handler]
    _logger.setLevel(level)
    _logger.propagate = False
    root = logging.getLogger()
    # in place of an earlier one, since a process that is configured twice must not write each warning twice
    root.handlers[:] = [one for one in root.handlers if not isinstance(one, Libraries)] + [Libraries(logging.WARNING)]


def flush() -> None:
    """Writes what is kept: for a process that ends without Python's own exit."""
    for handler in (*_logger.handlers, *logging.getLogger().handlers):
        handler.flush()


class _Line(logging.LogRecord):
    """A record that `log` makes. It does not find out from which thread it comes and from which line of code, as its
    parent does at many times the cost: those are what they were when ix was imported."""

    def __init__(self, event: Event, level: int, sentence: str, fields: Mapping[str, Any]) -> None:
        now = time.time()
        self.__dict__ = {
            **_BLANK,
            "levelno": level,
            "levelname": _LEVELS[level],
            "args": (sentence, _Tail(fields)),
            "created": now,
            "msecs": now % 1 * 1000,
            "event": event,
            "fields": fields,
        }


_BLANK = vars(logging.LogRecord(_logger.name, logging.NOTSET, "", 0, "%s%s", (), None))


class Lines(logging.StreamHandler[TextIO]):
    """Writes lines: those of level INFO together with all others of the same tick of the event loop, which is one
    system call for them and wakes whoever reads them once; every other level, and all lines where no loop runs, at
    once."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__(stream)
        self._kept: list[str] = []
        self._loop: asyncio.AbstractEventLoop | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """Writes the line, or keeps it to the end of this tick."""
        try:
            self._kept.append(self.format(record))
        except Exception:
            self.handleError(record)
        if record.levelno != logging.INFO or not self._will_flush():
            self.flush()

    def flush(self) -> None:
        """Writes the lines that are kept."""
        # the event loop flushes too, and does not hold the lock that `handle` takes for `emit`
        with self.lock or nullcontext():
            kept, self._kept, self._loop = self._kept, [], None
            if kept:
                self._write("".join(f"{line}{self.terminator}" for line in kept))

    def _will_flush(self) -> bool:
        """Whether the loop that runs here does so soon."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return False
        if self._loop is not loop:
            self._loop = loop
            loop.call_soon(self.flush, context=_EMPTY)
        return True

    def _write(self, text: str) -> None:
        try:
            self.stream.write(text)
            self.stream.flush()
        except Exception:
            self.handleError(logging.makeLogRecord({"msg": text}))


_EMPTY = Context()
"""What a flush runs in, since its lines come from many tasks."""


class TextFormatter(logging.Formatter):
    """A line for people: local time to the millisecond, level, message."""

    def format(self, record: logging.LogRecord) -> str:
        event, fields = record.__dict__["event"], record.__dict__["fields"]
        moment = f"{_clock(int(record.created))}.{int(record.msecs):03d}"
        return f"{moment} {record.levelname} {event._value_[1]}{_tail(fields)}"


@lru_cache(maxsize=1)
def _clock(second: int) -> str:
    return time.strftime("%H:%M:%S", time.localtime(second))


class JsonFormatter(logging.Formatter):
    """One JSON object a line: `time` (RFC 3339, UTC, milliseconds), `level`, `event` (a stable name), `message`, and
    the fields with their types, numbers as numbers."""

    def format(self, record: logging.LogRecord) -> str:
        event, fields = record.__dict__["event"], record.__dict__["fields"]
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        line = {"time": moment, "level": record.levelname, "event": event.name.lower(), "message": event.value[1]}
        # the line's own names first, for who reads along, and last, since no field may take their place
        return json.dumps(
            {**line, **{k: _typed(v) for k, v in fields.items()}, **line}, ensure_ascii=False, allow_nan=False
        )


class Libraries(logging.Handler):
    """Logs that a library warns: which, and the type of its error. Its own words may quote a document, those of the
    exporter of traces excepted."""

    def emit(self, record: logging.LogRecord) -> None:
        # ix's own lines come here where something has turned their propagation on again
        if record.name == _logger.name:
            return
        error = record.exc_info[1] if record.exc_info else None
        why = record.getMessage()[:300] if record.name.startswith("opentelemetry") else None
        log(Event.LIBRARY_WARNED, library=record.name, line=f"{record.filename}:{record.lineno}", why=why, error=error)


class _Tail:
    """Fields as text, made only when a line is written as text."""

    def __init__(self, fields: Mapping[str, Any]) -> None:
        self._fields = fields

    def __str__(self) -> str:
        return _tail(self._fields)


def _tail(fields: Mapping[str, Any]) -> str:
    return "".join([f" {name}={_plain(value)}" for name, value in fields.items()])


def _plain(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.3f}"
    text = value if isinstance(value, str) else str(value)
    if _is_harmless(text):
        return text
    # quotes around a text end where it ends
    text = _safe(text).replace('"', "'")
    return f'"{text}"' if " " in text else text


def _typed(value: Any) -> Any:
    # JSON has no NaN and no infinity
    if isinstance(value, float):
        return round(value, 3) if math.isfinite(value) else None
    return value if isinstance(value, (bool, int)) else _safe(str(value))


def _safe(text: str) -> str:
    # most fields are ids and counts, in which there is nothing to look for
    return text if _is_harmless(text) else _UNPRINTABLE.sub(" ", redact(text))
