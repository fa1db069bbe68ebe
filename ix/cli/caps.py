"""`ix caps`: how many jobs and pages each client may have in a day, and had today."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from functools import partial

from ix.cli import show
from ix.cli.database import operator, with_database
from ix.cli.output import add_json, emit, emit_line
from ix.config import Settings
from ix.database import Database
from ix.database.caps import Cap, Capped, Used
from ix.errors import IxError

_DEFAULT, _NONE = "default", "none"
_MOST = 2**53
_PAGE = 1000
_LONGEST = 200
"""Characters of a client's id."""


def declare(command: argparse.ArgumentParser) -> None:
    actions = command.add_subparsers(required=True, metavar="ACTION")
    listing = actions.add_parser("list", help="clients with caps of their own, and what each had today")
    add_json(listing)
    listing.set_defaults(run=_list)
    setting = actions.add_parser(
        "set", help="caps a client's day: further jobs get 429 until midnight UTC, accepted ones run"
    )
    setting.add_argument("client_id", metavar="CLIENT", type=_client, help="whose caps; it need not be known yet")
    setting.add_argument("--jobs", type=_most, metavar="N", help="new jobs in a day, none or default")
    setting.add_argument("--pages", type=_most, metavar="N", help="pages that are read in a day, none or default")
    add_json(setting)
    setting.set_defaults(run=_set)
    dropping = actions.add_parser("drop", help="lets clients have the caps of the settings")
    dropping.add_argument("client_ids", nargs="+", metavar="CLIENT", type=_client, help="whose caps")
    add_json(dropping)
    dropping.set_defaults(run=_drop)


def _list(parsed: argparse.Namespace) -> int:
    """Prints every client that has caps of its own, and the caps of all others."""
    settings = Settings.from_env()
    found, used = with_database(_read)
    others = {"jobs": settings.day_jobs, "pages": settings.day_pages}
    rows = [("client", "jobs today", "of", "pages today", "of"), *map(_row, found)]
    table = "\n".join(show.columns(rows, indent="")) if found else "no client has caps of its own"
    beside = f"all others  jobs: {_shown(settings.day_jobs)}, pages: {_shown(settings.day_pages)}"
    told = {
        "default": others,
        "turns_at": used.turns_at,
        "clients": [
            {
                "client_id": one.client_id,
                "jobs": one.jobs,
                "pages": one.pages,
                "used_jobs": one.used_jobs,
                "used_pages": one.used_pages,
            }
            for one in found
        ],
    }
    emit(parsed, told, f"{table}\n{beside}\nthe next day begins at {show.moment(used.turns_at)}")
    return 0


def _set(parsed: argparse.Namespace) -> int:
    """Caps a client; what is not given is as the settings have it. Raises `IxError` where nothing is given."""
    if parsed.jobs is None and parsed.pages is None:
        raise IxError("say how many: --jobs or --pages; `ix caps drop` lets the settings decide")
    cap = Cap(*(None if most == -1 else most for most in (parsed.jobs, parsed.pages)))
    if not with_database(lambda database: database.caps.set(parsed.client_id, cap, operator())):
        raise IxError("as many clients have caps of their own as may: drop some, or set IX_DAY_JOBS")
    told = {"client_id": parsed.client_id, "jobs": cap.jobs, "pages": cap.pages}
    emit_line(parsed, told, f"{parsed.client_id}  jobs: {_shown(cap.jobs)}, pages: {_shown(cap.pages)}")
    return 0


def _drop(parsed: argparse.Namespace) -> int:
    """Drops the caps of each, if it has any."""
    for client_id in parsed.client_ids:
        dropped = with_database(partial(_dropped, client_id))
        emit_line(
            parsed,
            {"client_id": client_id, "dropped": dropped},
            f"{client_id}  {'has the caps of the settings' if dropped else 'had none of its own'}",
        )
    return 0


async def _dropped(client_id: str, database: Database) -> bool:
    return await database.caps.drop(client_id, operator())


async def _read(database: Database) -> tuple[Sequence[Capped], Used]:
    found: list[Capped] = []
    while page := await database.caps.list(found[-1].client_id if found else None, _PAGE):
        found += page
    return found, await database.caps.used("")


def _row(one: Capped) -> Sequence[str]:
    return (one.client_id, str(one.used_jobs), _shown(one.jobs), str(one.used_pages), _shown(one.pages))


def _shown(most: int | None) -> str:
    return _DEFAULT if most is None else str(most or _NONE)


def _client(text: str) -> str:
    if not 0 < len(text) <= _LONGEST or "\x00" in text:
        raise argparse.ArgumentTypeError(f"a client's id has 1 to {_LONGEST} characters")
    return text


def _most(text: str) -> int:
    """How many; 0 is no cap, and -1 that of the settings."""
    if text in (_DEFAULT, _NONE):
        return -1 if text == _DEFAULT else 0
    if not (text.isascii() and text.isdecimal() and 0 < int(text) <= _MOST):
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 on, nor {_NONE} or {_DEFAULT}")
    return int(text)
