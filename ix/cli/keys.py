"""`ix keys`: who may call."""

from __future__ import annotations

import argparse
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import TypeVar

from ix.cli import show
from ix.cli.database import with_database
from ix.cli.output import add_json, emit, emit_line
from ix.database.keys import KeyHead, Keys
from ix.errors import IxError

T = TypeVar("T")


def declare(command: argparse.ArgumentParser) -> None:
    actions = command.add_subparsers(required=True, metavar="ACTION")
    adding = _action(actions, "add", _add, "makes a client's key, or an admin's, and prints it: it cannot be had again")
    adding.add_argument("client_id", nargs="?", metavar="CLIENT", help="the client whose jobs the key may make and see")
    adding.add_argument("--admin", action="store_true", help="a key that sees and acts for all clients")
    _action(actions, "list", _list, "every key's id, client and dates")
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


def _add(parsed: argparse.Namespace) -> int:
    """Makes a key and prints it, once and for all. Raises `IxError` unless it is for one client or for an admin."""
    # both or neither
    if parsed.admin == (parsed.client_id is not None):
        raise IxError("say for whom: `ix keys add CLIENT`, or `ix keys add --admin`")
    key = _with_keys(partial(Keys.add, client_id=parsed.client_id))
    emit_line(parsed, {"client_id": parsed.client_id, "key": key}, key)
    return 0


def _list(parsed: argparse.Namespace) -> int:
    """Prints what is known of every key."""
    found = _with_keys(Keys.list)
    emit(parsed, found, "\n".join(show.columns(_rows(found), indent="")) if found else "no keys")
    return 0


def _revoke(parsed: argparse.Namespace) -> int:
    """Makes keys worthless at once; where notifications do not arrive, within seconds."""
    for key_id in parsed.key_ids:
        _with_keys(partial(Keys.revoke, key_id=key_id))
        emit_line(parsed, {"key_id": key_id, "revoked": True}, f"{key_id}  revoked")
    return 0


def _rows(found: Sequence[KeyHead]) -> Sequence[Sequence[str]]:
    rows = [("key", "client", "made", "revoked")]
    rows += [(k.key_id, k.client_id or "(admin)", show.moment(k.created_at), show.moment(k.revoked_at)) for k in found]
    return rows


def _with_keys(act: Callable[[Keys], Awaitable[T]]) -> T:
    return with_database(lambda database: act(database.keys))
