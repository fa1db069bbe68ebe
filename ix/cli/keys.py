"""`ix keys`: who may call."""

from __future__ import annotations

import argparse
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import TypeVar

from pydantic_core import to_json

from ix.cli import show
from ix.cli.database import with_pool
from ix.errors import IxError
from ix.keys import KeyHead, KeysRepo

T = TypeVar("T")


def add(parsed: argparse.Namespace) -> int:
    """Makes a key and prints it, once and for all. Raises `IxError` unless it is for one client or for an admin."""
    if parsed.admin == (parsed.client_id is not None):
        raise IxError("say for whom: `ix keys add CLIENT`, or `ix keys add --admin`")
    key = _with_keys(partial(KeysRepo.add, client_id=parsed.client_id))
    print(to_json({"client_id": parsed.client_id, "key": key}).decode() if parsed.json else key)
    return 0


def list_keys(parsed: argparse.Namespace) -> int:
    """Prints what is known of every key."""
    found = _with_keys(KeysRepo.list)
    print(to_json(found, indent=2).decode() if parsed.json else "\n".join(show.columns(_rows(found), indent="")))
    return 0


def revoke(parsed: argparse.Namespace) -> int:
    """Makes keys worthless within seconds."""
    for key_id in parsed.key_ids:
        _with_keys(partial(KeysRepo.revoke, key_id=key_id))
        print(to_json({"key_id": key_id, "revoked": True}).decode() if parsed.json else f"{key_id}  revoked")
    return 0


def _rows(found: Sequence[KeyHead]) -> Sequence[Sequence[str]]:
    rows = [("key", "client", "made", "revoked")]
    rows += [(k.key_id, k.client_id or "(admin)", show.moment(k.created_at), show.moment(k.revoked_at)) for k in found]
    return rows


def _with_keys(act: Callable[[KeysRepo], Awaitable[T]]) -> T:
    return with_pool(lambda pool: act(KeysRepo(pool)))
