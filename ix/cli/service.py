"""The service, for commands that talk to it over HTTP: where it is, and the key that is sent along."""

from __future__ import annotations

import argparse

from ix.cli.output import add_json
from ix.client import AsyncClient, Client
from ix.config import Settings


def add_options(command: argparse.ArgumentParser) -> None:
    """Adds `--url`, `--key` and `--json`."""
    add_address(command)
    add_json(command)


def add_address(command: argparse.ArgumentParser) -> None:
    """Adds `--url` and `--key`: which service, and who asks it."""
    command.add_argument("--url", help="address of the web process (default: IX_URL, or http://127.0.0.1:8080)")
    command.add_argument("--key", help="API key (default: IX_KEY, which other users of the machine cannot see)")


def client(parsed: argparse.Namespace, whose: str | None = None) -> Client:
    """Talks to the service that the arguments or the settings name; its submissions are those of the client
    `whose`."""
    return Client(address(parsed), whose, key=_key(parsed))


def async_client(parsed: argparse.Namespace, whose: str | None = None) -> AsyncClient:
    """What `client` gives, for asyncio."""
    return AsyncClient(address(parsed), whose, key=_key(parsed))


def address(parsed: argparse.Namespace) -> str:
    """The service's address: `--url`, else the setting."""
    return str(parsed.url or Settings.from_env().url)


def client_id(parsed: argparse.Namespace) -> str | None:
    """Whose job a submission is: as given, else left to the key, else `cli`."""
    return parsed.client_id or (None if _key(parsed) else "cli")


def has_key(parsed: argparse.Namespace) -> bool:
    """Whether calls are made with a key, which says whose jobs they are."""
    return _key(parsed) is not None


def _key(parsed: argparse.Namespace) -> str | None:
    return parsed.key or Settings.from_env().key.get_secret_value() or None
