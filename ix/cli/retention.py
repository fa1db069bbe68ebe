"""`ix retention`: how long documents, results and jobs of each use case are kept, and the audit log."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from contextlib import suppress

from ix.cli import show
from ix.cli.database import operator, with_database
from ix.cli.output import add_json, emit, emit_line
from ix.config import Settings
from ix.config.limits import ALL_OTHERS, MAX_DAYS
from ix.database import Database
from ix.database.retention import KINDS, Terms, in_force
from ix.errors import IxError

_DEFAULT, _NEVER = "default", "never"
_UNSAID = -1.0


def declare(command: argparse.ArgumentParser) -> None:
    actions = command.add_subparsers(required=True, metavar="ACTION")
    listing = actions.add_parser("list", help="the terms that hold, by use case")
    listing.set_defaults(run=_list)
    setting = actions.add_parser(
        "set", help="lets documents, results or jobs of a use case go so many days after a job's end, from now on"
    )
    setting.add_argument("use_case", metavar="NAME", help=f"a use case, or '{ALL_OTHERS}' for all others")
    for kind in KINDS:
        setting.add_argument(f"--{kind}", type=_days, metavar="DAYS", help=f"until its {kind} go, never or default")
    setting.set_defaults(run=_set)
    dropping = actions.add_parser("drop", help="lets the settings, or the terms of all others, say it again")
    dropping.add_argument("use_case", metavar="NAME", help=f"a use case, or '{ALL_OTHERS}' for all others")
    dropping.set_defaults(run=_drop)
    audit = actions.add_parser("audit", help="lets entries of the audit log go after so many days, from now on")
    audit.add_argument("days", type=_audit_days, metavar="DAYS", help="at least 1, or never")
    audit.set_defaults(run=_audit)
    for action in (listing, setting, dropping, audit):
        add_json(action)


def _list(parsed: argparse.Namespace) -> int:
    """Prints the terms that hold, here with the settings of this command."""
    terms, audit = with_database(_read)
    rows = [("use case", *KINDS), *((name, *map(_shown, own)) for name, own in terms.items())]
    told = {"terms": {name: own._asdict() for name, own in terms.items()}, "audit": audit}
    emit(parsed, told, "\n".join([*show.columns(rows, indent=""), f"audit log: {_shown(audit or 0.0)}"]))
    return 0


def _set(parsed: argparse.Namespace) -> int:
    """Sets terms; what is not given stays as it is. Raises `IxError` where nothing is given."""
    given = {kind: days for kind in KINDS if (days := getattr(parsed, kind)) is not None}
    if not given:
        raise IxError("say what goes: --documents, --results or --jobs; `ix retention drop` lets the settings say it")
    if not 0 < len(parsed.use_case) <= 200:
        raise IxError("the name of a use case has 1 to 200 characters")

    async def change(database: Database) -> Terms | None:
        known = (await database.retention.all()).get(parsed.use_case, Terms())
        terms = known._replace(**{kind: None if days == _UNSAID else days for kind, days in given.items()})
        return terms if await database.retention.set(parsed.use_case, terms, operator()) else None

    terms = with_database(change)
    if terms is None:
        raise IxError("as many use cases have terms as may")
    said = ", ".join(f"{kind}: {_shown(days)}" for kind, days in terms._asdict().items())
    emit_line(parsed, {"use_case": parsed.use_case, **terms._asdict()}, f"{parsed.use_case}  {said}")
    return 0


def _drop(parsed: argparse.Namespace) -> int:
    """Drops the terms of a use case, if it has any."""
    dropped = with_database(lambda database: database.retention.drop(parsed.use_case, operator()))
    said = "is kept as the settings and all others have it" if dropped else "had no terms of its own"
    emit_line(parsed, {"use_case": parsed.use_case, "dropped": dropped}, f"{parsed.use_case}  {said}")
    return 0


def _audit(parsed: argparse.Namespace) -> int:
    """Sets the term of the audit log."""
    days = parsed.days or None
    with_database(lambda database: database.retention.set_audit(days, operator()))
    emit_line(parsed, {"audit": days}, f"audit log: {_shown(parsed.days)}")
    return 0


async def _read(database: Database) -> tuple[Mapping[str, Terms], float | None]:
    terms = in_force(await database.retention.all(), Settings.from_env())
    return terms, await database.retention.audit_days()


def _shown(days: float | None) -> str:
    if days is None:
        return _DEFAULT
    return f"{days:g} days" if days else _NEVER


def _days(text: str) -> float:
    """Days; 0 is never, and less leaves it to others."""
    if text in (_DEFAULT, _NEVER):
        return _UNSAID if text == _DEFAULT else 0.0
    with suppress(ValueError):
        if 0 < float(text) <= MAX_DAYS:
            return float(text)
    raise argparse.ArgumentTypeError(f"{text!r} is no number of days up to {MAX_DAYS}, nor {_NEVER} or {_DEFAULT}")


def _audit_days(text: str) -> float:
    days = 0.0 if text == _NEVER else _days(text)
    if days < 1 and text != _NEVER:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of days from 1 on, nor {_NEVER}")
    return days
