"""`ix sessions` and `ix audit`: who is signed in to the console, and who did what."""

from __future__ import annotations

import argparse

from pydantic_core import to_json

from ix.cli import show
from ix.cli.database import operator, with_database
from ix.cli.output import add_json, emit, emit_line, positive
from ix.database.audit import MOST_ENTRIES, Asked
from ix.errors import IxError


def declare_sessions(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--end",
        nargs="+",
        metavar="SESSION_ID",
        help="end these at once; to let somebody in no more, revoke the key too, or the role at the provider",
    )
    add_json(command)
    command.set_defaults(run=lambda parsed: (_end if parsed.end else _list)(parsed))


def declare_audit(command: argparse.ArgumentParser) -> None:
    command.add_argument("--who", help="what this person or key did")
    command.add_argument("--what", help="such as job.erase, key.add or session.start")
    command.add_argument("--job", metavar="IX_ID", help="what was done to this job")
    command.add_argument("--limit", type=positive, default=50, help=f"entries, at most {MOST_ENTRIES} (50)")
    add_json(command)
    command.set_defaults(run=_audit)


def _list(parsed: argparse.Namespace) -> int:
    """Prints what is known of every session."""
    found = with_database(lambda database: database.sessions.list())
    rows = [("session", "key", "person", "name", "began", "last used")]
    for one in found:
        moments = show.moment(one.created_at), show.moment(one.seen_at)
        rows.append((one.session_id, one.key_id or "", one.subject or "", one.name, *moments))
    emit(parsed, found, "\n".join(show.columns(rows, indent="")) if found else "nobody is signed in")
    return 0


def _end(parsed: argparse.Namespace) -> int:
    """Ends sessions at once. Raises `IxError` naming the first that there is not, when the others have ended."""
    ended = with_database(lambda database: database.sessions.end_these(parsed.end, operator()))
    for session_id in filter(ended.__contains__, parsed.end):
        emit_line(parsed, {"session_id": session_id, "ended": True}, f"{session_id}  ended")
    if missing := [one for one in parsed.end if one not in ended]:
        raise IxError(f"there is no session {missing[0]}; `ix sessions` shows them")
    return 0


def _audit(parsed: argparse.Namespace) -> int:
    """Prints entries of the audit log."""
    asked = Asked(who=parsed.who, what=parsed.what, ix_id=parsed.job, limit=min(parsed.limit, MOST_ENTRIES))
    # whoever has the database needs no key for it
    found = with_database(lambda database: database.audit.page(asked))
    rows = [
        ("when", "who", "what", "job", "detail"),
        *((show.moment(one.at), one.who, one.what, one.ix_id or "", to_json(one.detail).decode()) for one in found),
    ]
    emit(parsed, found, "\n".join(show.columns(rows, indent="")) if found else "nothing")
    return 0
