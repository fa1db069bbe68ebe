"""Every log line: wording, level, fields, redaction. Nothing else in ix calls `logging`.

A line is a short sentence and `key=value` fields. Fields carry ids, counts, codes and seconds, never document text, keys or
the credentials in an address.
"""

from __future__ import annotations

import logging
import re
import sys
from enum import Enum
from typing import Any

import asyncpg

_logger = logging.getLogger("ix")
_CREDENTIALS = re.compile(r"(?<=://)[^/?#\s]+(?=@)|(?<=password=)[^&\s]+", re.IGNORECASE)
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_SAFE_CLASSES = frozenset(("08", "25", "28", "3D", "40", "42", "53", "55", "57", "58"))
"""Classes of SQLSTATE whose messages name connections, accounts, tables and limits, never values (PostgreSQL manual, appendix A)."""


class Event(Enum):
    """What can be said: (level, sentence)."""

    WEB_LISTENING = logging.INFO, "web listens"
    WEB_NOT_STARTED = logging.ERROR, "web did not start"
    WEB_STOPPED = logging.INFO, "web stopped"
    WORKER_NOT_STARTED = logging.ERROR, "the engine inside the web process did not start; the API goes on without it"
    JOB_ACCEPTED = logging.INFO, "job accepted"
    REQUEST_FAILED = logging.ERROR, "request failed"
    STREAM_BROKEN_OFF = logging.WARNING, "an event stream was broken off"
    DATABASE_UNREACHABLE = logging.WARNING, "PostgreSQL does not answer"

    ENGINE_STARTED = logging.INFO, "engine started"
    ENGINE_DRAINING = logging.INFO, "engine drains"
    ENGINE_STOPPED = logging.INFO, "engine stopped"
    ENGINE_DECLARED_DEAD = logging.WARNING, "this engine was taken for dead; it registers again"
    LISTENER_CONNECTED = logging.INFO, "listener connected"
    LISTENER_LOST = logging.WARNING, "listener lost its connection; it reconnects"
    LOOP_FAILED = logging.ERROR, "a loop failed and goes on"
    WARM_UP_FAILED = logging.ERROR, "a part of the engine did not warm up; jobs that need it will end in error"

    JOB_STARTED = logging.INFO, "job started"
    JOB_PROGRESS = logging.DEBUG, "job progress"
    JOB_FINISHED = logging.INFO, "job finished"
    JOB_RAISED = logging.ERROR, "use case raised"
    JOB_POSTPONED = logging.WARNING, "job failed in a way that may pass; it is tried again"
    JOB_INTERRUPTED = logging.INFO, "job interrupted: it was cancelled, or is not this engine's any more"
    JOB_RELEASED = logging.INFO, "job given back, no attempt spent"
    FINISH_REFUSED = logging.WARNING, "finish refused: the claim is stale"
    FINISH_DELAYED = logging.WARNING, "finish delayed: PostgreSQL does not answer; it is tried again"
    ORPHAN_RESCUED = logging.WARNING, "orphan rescued"
    ORPHAN_ENDED = logging.ERROR, "orphan ended: no attempt left"

    JOBS_PRUNED = logging.INFO, "jobs past their retention erased"

    CALLBACK_TRIED = logging.INFO, "callback tried"


def say(event: Event, /, *, error: BaseException | None = None, **fields: Any) -> None:
    """Logs one line. Of `error` only the type is said unless it is an error of ix itself, whose messages carry no document text."""
    level, sentence = event.value
    if not _logger.isEnabledFor(level):
        return
    if error is not None:
        fields["error"] = describe(error)
    _logger.log(level, "%s%s", sentence, "".join(f" {k}={_plain(v)}" for k, v in fields.items() if v is not None))


def describe(error: BaseException) -> str:
    """An error in words that are safe to log and to store: its type, and the message where it is ours or the machine's."""
    return f"{type(error).__name__}: {words}"[:300] if (words := redact(_words(error))) else type(error).__name__


def _words(error: BaseException) -> str:
    if isinstance(error, asyncpg.PostgresError):
        return _postgres_words(error)
    if isinstance(error, OSError):
        return str(error) if error.filename is None else str(error.strerror)
    return str(error) if type(error).__module__.split(".")[0] in ("ix", "asyncpg") else ""


def _postgres_words(error: asyncpg.PostgresError) -> str:
    """Messages about the server and its tables as they are, without their detail; of all others, which may quote a row, only the code."""
    code = str(error.sqlstate or "")
    if code[:2] in _SAFE_CLASSES:
        return str(error.args[0])
    return f"constraint {name}" if (name := getattr(error, "constraint_name", None)) else f"SQLSTATE {code}"


def redact(text: str) -> str:
    """`text` without credentials in addresses."""
    return _CREDENTIALS.sub("…", text)


def configure(level: str = "INFO") -> None:
    """Sends ix's lines to standard error. Called by the commands, never by the library."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s.%(msecs)03d %(levelname)s %(message)s", datefmt="%H:%M:%S"))
    _logger.handlers[:] = [handler]
    _logger.setLevel(level)
    _logger.propagate = False


def _plain(value: Any) -> str:
    text = redact(f"{value:.3f}" if isinstance(value, float) else str(value))
    text = _UNPRINTABLE.sub(" ", text).replace('"', "'")
    return f'"{text}"' if " " in text else text
