"""`ix configurations`: what submissions may name instead of saying it each time, over HTTP."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from ix.cli import service, show
from ix.cli.output import emit, emit_line, risk
from ix.cli.submit import asked_options
from ix.client import Client
from ix.client.configurations import SavedConfiguration


def declare(command: argparse.ArgumentParser) -> None:
    actions = command.add_subparsers(required=True, metavar="ACTION")
    _action(actions, "list", _list, "what submissions may name, with the newest versions")
    showing = _action(actions, "show", _show, "a configuration with its options")
    _add_name(showing)
    showing.add_argument("--version", type=int, metavar="N", help="an earlier version")
    saving = _action(actions, "save", _save, "adds a version, unless the newest says the same")
    _add_name(saving)
    add = saving.add_argument
    add("--use-case", required=True, metavar="NAME", help="what to find: receipt, invoice, custom and so on")
    add("--options", default="{}", metavar="JSON", help="options of the use case, such as custom's schema")
    add("--split", action="store_true", help="make a job of each document where a file is a stack of several")
    add("--risk", type=risk, metavar="SHARE", help="at most this share of wrong values may pass unmarked, such as 0.02")
    add("--priority", type=int, default=0, metavar="N", help="-100 to 100; higher runs sooner (default 0)")
    add("--callback-url", metavar="URL", help="is told of each job that has ended")
    _add_seen(saving)
    deleting = _action(actions, "delete", _delete, "deletes all versions; jobs keep what they were given")
    _add_name(deleting)
    _add_seen(deleting)


def _action(
    actions: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    run: Callable[[argparse.Namespace, Client], int],
    summary: str,
) -> argparse.ArgumentParser:
    def called(parsed: argparse.Namespace) -> int:
        with service.client(parsed, service.client_id(parsed)) as client:
            return run(parsed, client)

    action = actions.add_parser(name, help=summary, description=summary)
    action.add_argument("--client-id", metavar="ID", help="whose they are (default: the key's client, or `cli`)")
    action.add_argument("--shared", action="store_true", help="everybody's, which administrators save")
    service.add_options(action)
    action.set_defaults(run=called)
    return action


def _add_name(command: argparse.ArgumentParser) -> None:
    command.add_argument("name", metavar="NAME", help="what submissions name it by")


def _add_seen(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--seen", type=int, metavar="N", help="only if the newest version is still this one; 0: only if there is none"
    )


def _list(parsed: argparse.Namespace, client: Client) -> int:
    found = list(client.configurations(shared=parsed.shared))
    rows = [("name", "version", "use case", "whose", "saved by", "saved at"), *map(_row, found)]
    emit(parsed, found, "\n".join(show.columns(rows, widest=60, indent="")))
    return 0


def _row(one: SavedConfiguration) -> tuple[str, ...]:
    whose = "everybody's" if one.shared else "own"
    return (one.name, str(one.version), one.use_case, whose, show.plain(one.made_by), f"{one.made_at:%Y-%m-%d %H:%M}")


def _show(parsed: argparse.Namespace, client: Client) -> int:
    found = client.configuration(parsed.name, parsed.version, shared=parsed.shared)
    emit(parsed, found, found.model_dump_json(indent=2))
    return 0


def _save(parsed: argparse.Namespace, client: Client) -> int:
    saved = client.save_configuration(
        parsed.name,
        parsed.use_case,
        options=asked_options(parsed),
        callback_url=parsed.callback_url,
        priority=parsed.priority,
        seen=parsed.seen,
        shared=parsed.shared,
    )
    emit(parsed, saved, f"{saved.name}@{saved.version}  {saved.use_case}")
    return 0


def _delete(parsed: argparse.Namespace, client: Client) -> int:
    client.delete_configuration(parsed.name, seen=parsed.seen, shared=parsed.shared)
    emit_line(parsed, {"name": parsed.name, "deleted": True}, f"{parsed.name}  deleted")
    return 0
