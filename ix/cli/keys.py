"""`ix keys`: who may call, and what each may do."""

from __future__ import annotations

import argparse
import re
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import TypeVar

from ix.cli import show
from ix.cli.database import operator, with_database
from ix.cli.output import add_json, emit, emit_line
from ix.database.keys import RIGHTS, Change, Grant, KeyHead, Keys
from ix.errors import IxError

T = TypeVar("T")
_SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0, "w": 604_800.0, "y": 31_536_000.0}
_MOST_SECONDS = 100 * _SECONDS["y"]
_NEVER = "never"
_ALL = "all"


def declare(command: argparse.ArgumentParser) -> None:
    actions = command.add_subparsers(required=True, metavar="ACTION")
    adding = _action(actions, "add", _add, "makes a client's key, or an admin's, and prints it: it cannot be had again")
    adding.add_argument("client_id", nargs="?", metavar="CLIENT", help="the client whose jobs the key may make and see")
    adding.add_argument("--admin", action="store_true", help="a key that sees and acts for all clients")
    _grant(adding)
    _action(actions, "list", _list, "every key with what it may do, its dates and its last use")
    changing = _action(
        actions, "change", _change, "gives a key other rights, another name or expiry; it stays the same"
    )
    changing.add_argument("key_id", metavar="KEY_ID", help="the 12 digits between its first two underscores")
    _grant(changing)
    revoking = _action(actions, "revoke", _revoke, "makes keys worthless at once")
    revoking.add_argument(
        "key_ids", nargs="+", metavar="KEY_ID", help="the 12 digits between the first two underscores of the key"
    )


def _action(
    actions: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    run: Callable[[argparse.Namespace], int],
    summary: str,
) -> argparse.ArgumentParser:
    action = actions.add_parser(name, help=summary, description=summary)
    add_json(action)
    action.set_defaults(run=run)
    return action


def _grant(command: argparse.ArgumentParser) -> None:
    command.add_argument("--name", type=_name, help="what people call it: where it is used, or by whom")
    command.add_argument(
        "--may",
        type=_rights,
        metavar="RIGHTS",
        help=f"its rights, comma-separated, of {', '.join(RIGHTS)}; without, those of its kind: a client's key may "
        "submit, view, review and export, an admin's all",
    )
    command.add_argument(
        "--use-cases",
        type=_use_cases,
        metavar="NAMES",
        help="the only use cases that it knows, comma-separated, or all",
    )
    command.add_argument(
        "--expires", type=_seconds, metavar="TIME", help="when it expires: 12h, 90d or 1y from now on, or never"
    )


def _add(parsed: argparse.Namespace) -> int:
    """Makes a key and prints it, once and for all. Raises `IxError` unless it is for one client or for an admin."""
    # both or neither
    if parsed.admin == (parsed.client_id is not None):
        raise IxError("say for whom: `ix keys add CLIENT`, or `ix keys add --admin`")
    if not parsed.admin and "administer" in (parsed.may or ()):
        raise IxError("--may: a client's key cannot administer, which is about all clients; make an admin's: --admin")
    grant = Grant(
        name=parsed.name or "",
        may=parsed.may,
        use_cases=parsed.use_cases or None,
        seconds=parsed.expires or None,
    )
    key = _with_keys(partial(Keys.add, client_id=parsed.client_id, grant=grant, by=operator()))
    emit_line(parsed, {"client_id": parsed.client_id, "key": key}, key)
    return 0


def _list(parsed: argparse.Namespace) -> int:
    """Prints what is known of every key."""
    found = _with_keys(Keys.list)
    emit(parsed, found, "\n".join(show.columns(_rows(found), indent="")) if found else "no keys")
    return 0


def _change(parsed: argparse.Namespace) -> int:
    """Changes what is given, of a key that works on. Raises `IxError` where nothing is, or there is no such key."""
    change = Change(name=parsed.name, may=parsed.may, use_cases=parsed.use_cases, seconds=parsed.expires)
    if change == Change():
        raise IxError("say what to change: --name, --may, --use-cases or --expires")
    _with_keys(partial(Keys.change, key_id=parsed.key_id, change=change, by=operator()))
    emit_line(parsed, {"key_id": parsed.key_id, "changed": True}, f"{parsed.key_id}  changed")
    return 0


def _revoke(parsed: argparse.Namespace) -> int:
    """Makes keys worthless at once; where notifications do not arrive, within seconds."""
    for key_id in parsed.key_ids:
        _with_keys(partial(Keys.revoke, key_id=key_id, by=operator()))
        emit_line(parsed, {"key_id": key_id, "revoked": True}, f"{key_id}  revoked")
    return 0


def _rows(found: Sequence[KeyHead]) -> Sequence[Sequence[str]]:
    rows: list[Sequence[str]] = [
        ("key", "client", "name", "may", "use cases", "made", "expires", "last used", "revoked")
    ]
    for key in found:
        moments = (key.created_at, key.expires_at, key.used_at, key.revoked_at)
        what = (key.name, ",".join(key.may), _ALL if key.use_cases is None else ",".join(key.use_cases))
        rows.append((key.key_id, key.client_id or "(admin)", *what, *map(show.moment, moments)))
    return rows


def _name(text: str) -> str:
    if len(text) > 200 or not text.isprintable():
        raise argparse.ArgumentTypeError("is longer than 200 characters, or more than one line")
    return text


def _rights(text: str) -> list[str]:
    if unknown := [right for right in _names(text) if right not in RIGHTS]:
        raise argparse.ArgumentTypeError(f"{unknown[0]!r} is none of {', '.join(RIGHTS)}")
    return _names(text)


def _use_cases(text: str) -> list[str]:
    # an empty list is that of all
    return [] if text.strip() == _ALL else _names(text)


def _names(text: str) -> list[str]:
    names = [part.strip() for part in text.split(",") if part.strip()]
    if not names:
        raise argparse.ArgumentTypeError("names nothing")
    return list(dict.fromkeys(names))


def _seconds(text: str) -> float:
    """Seconds from now; 0 is never."""
    if text.strip() == _NEVER:
        return 0.0
    found = re.fullmatch(r"(\d{1,9})([smhdwy])", text.strip(), re.ASCII)
    seconds = int(found[1]) * _SECONDS[found[2]] if found else 0.0
    if not 0 < seconds <= _MOST_SECONDS:
        raise argparse.ArgumentTypeError(f"{text!r} is not such as 12h, 90d or 1y, at most 100y, nor {_NEVER}")
    return seconds


def _with_keys(act: Callable[[Keys], Awaitable[T]]) -> T:
    return with_database(lambda database: act(database.keys))
