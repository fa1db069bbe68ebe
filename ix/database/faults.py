"""Whom an error of the database concerns: the data of one statement, that statement, or all of them alike.

The one classification of all that PostgreSQL (SQLSTATE, its documentation's appendix A) and asyncpg may raise. Only the
data's errors are an answer; everything else passes, however long it lasts, and is tried again."""

from __future__ import annotations

from typing import Literal

import asyncpg
from asyncpg.exceptions import TargetServerAttributeNotMatched

from ix.errors import Overloaded

Kind = Literal[
    "data",
    "read_only",
    "denied",
    "unmigrated",
    "locked",
    "slow",
    "full",
    "busy",
    "restarting",
    "unreachable",
    "failing",
]
"""What is wrong, in a word that `/readyz` shows."""

_CLASSES: dict[str, Kind] = {
    "22": "data",
    "23": "data",
    "54": "data",
    "28": "denied",
    "42": "unmigrated",
    "3F": "unmigrated",
    "40": "locked",
    "57": "restarting",
    "08": "unreachable",
}
_CODES: dict[str, Kind] = {
    "25006": "read_only",
    "42501": "denied",
    "55P03": "locked",
    "57014": "slow",
    "53100": "full",
    "53300": "busy",
}
_OF_ALL = frozenset({"read_only", "denied", "full", "busy", "restarting", "unreachable"})
_OUTDATED = ("08", "0A", "25", "26", "28", "57P", "58", "XX")
"""SQLSTATEs after which another connection may fare better: it leads to another server, or has forgotten what this one
remembers wrongly."""


def kind_of(error: BaseException) -> Kind:
    """What is wrong. Classes whose errors say nothing of their cause are `failing`."""
    if state := _state(error):
        return _CODES.get(state) or _CLASSES.get(state[:2], "failing")
    if isinstance(error, Overloaded):
        return "busy"
    if isinstance(error, TargetServerAttributeNotMatched):
        return "read_only"
    # asyncpg's refusal to encode an argument; a certificate, or a connection's settings, that are wrong are no data
    if isinstance(error, ValueError) and not isinstance(error, (OSError, asyncpg.ClientConfigurationError)):
        return "data"
    return "slow" if isinstance(error, TimeoutError) else "unreachable"


def minds_data(error: BaseException) -> bool:
    """Whether it is the data that cannot be stored, so that to try again would be in vain."""
    return kind_of(error) == "data"


def concerns_all(error: BaseException) -> bool:
    """Whether any other statement would meet it now, too."""
    return kind_of(error) in _OF_ALL


def outdates_connection(error: BaseException) -> bool:
    """Whether what was tried may succeed over a new connection only."""
    return (_state(error) or "").startswith(_OUTDATED)


def _state(error: BaseException) -> str | None:
    """The SQLSTATE, where PostgreSQL or asyncpg has given one."""
    return getattr(error, "sqlstate", None)
