"""Passwords of documents, asked for or from a file: never an argument, which every process of the machine may see."""

from __future__ import annotations

import argparse
import getpass
from pathlib import Path

from ix.client import Client
from ix.errors import IxError


def add_options(command: argparse.ArgumentParser) -> None:
    """The two ways to give a password; `given` reads it."""
    either = command.add_mutually_exclusive_group()
    either.add_argument("--ask-password", action="store_true", help="ask for the password of the documents")
    either.add_argument("--password-file", type=Path, metavar="FILE", help="a file whose first line is the password")


def given(parsed: argparse.Namespace) -> str:
    """The password; empty where none was asked for. Raises `IxError` for a file that cannot be read or says nothing."""
    if parsed.ask_password:
        return getpass.getpass("password of the documents: ")
    if parsed.password_file is None:
        return ""
    try:
        lines = parsed.password_file.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        raise IxError(f"--password-file: {parsed.password_file} cannot be read") from None
    if not lines or not lines[0]:
        raise IxError(f"--password-file: the first line of {parsed.password_file} is empty")
    return str(lines[0])


def for_retry(client: Client, ix_id: str, password: str) -> list[str | None]:
    """The password for each document of a job that came with one. Raises `ClientError`."""
    documents = client.get(ix_id).request.documents if password else ()
    return [password if document.with_password else None for document in documents]
