"""A mailbox over IMAP (RFC 9051): each message is a document, `.eml`, whose attachments ix reads as documents of their
own. Messages stay as they are, unread ones unread: what was handed over is in the ledger."""

from __future__ import annotations

import imaplib
import ipaddress
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from urllib.parse import unquote, urlsplit

from ix.cli.watching.sources import Arrival, SourceAway, Unreadable
from ix.errors import IxError

PORT, TLS_PORT = 143, 993
SECONDS = 30.0
"""How long the server may be silent."""
AWAY = (OSError, imaplib.IMAP4.error)


class Mailbox:
    """The messages of one mailbox, `imaps://user@host/INBOX`; `imap://` begins in the clear and goes on in TLS, but for
    a server on this machine."""

    every = 30.0

    def __init__(self, address: str, secret: str, done: Path | None) -> None:
        parts = urlsplit(address)
        if done:
            raise IxError("--done: is for folders; a message stays where it is")
        if not parts.hostname or not parts.username or parts.password is not None:
            raise IxError("give a mailbox as imaps://user@host/INBOX, its password in a file: --password-file")
        if not secret:
            raise IxError("--password-file: name a file whose first line is the password of the mailbox")
        self._host, self._port, self._is_tls = parts.hostname, parts.port, parts.scheme == "imaps"
        self._user, self._secret = unquote(parts.username), secret
        self._box = unquote(parts.path.strip("/")) or "INBOX"
        self.name = f"imap://{self._user}@{self._host}/{self._box}"
        self._open: imaplib.IMAP4 | None = None

    def look(self) -> Iterator[Arrival]:
        with self._selected() as (server, validity):
            for uid in _uids(server):
                yield Arrival(f"{validity}/{uid}", f"message-{uid}.eml", partial(_message, server, uid))

    def taken(self, arrival: Arrival) -> None:
        return

    @contextmanager
    def _selected(self) -> Iterator[tuple[imaplib.IMAP4, str]]:
        """The server with the mailbox opened for reading, and its UIDVALIDITY: as long as it stays the same, a uid
        names the same message."""
        try:
            server = self._connected()
        except AWAY as error:
            raise SourceAway(f"{self._host} does not answer ({_why(error)})") from None
        try:
            server.login(self._user, self._secret)
            answer, told = server.select(f'"{self._box}"', readonly=True)
            if answer != "OK":
                raise SourceAway(f"{self.name} cannot be opened ({_text(told)})")
            yield server, _text(server.response("UIDVALIDITY")[1])
        except AWAY as error:
            raise SourceAway(f"{self.name}: {_why(error)}") from None
        finally:
            _leave(server)

    def _connected(self) -> imaplib.IMAP4:
        context = ssl.create_default_context()
        if self._is_tls:
            return imaplib.IMAP4_SSL(self._host, self._port or TLS_PORT, ssl_context=context, timeout=SECONDS)
        server = imaplib.IMAP4(self._host, self._port or PORT, timeout=SECONDS)
        if not _is_here(self._host):
            server.starttls(context)
        return server


def _uids(server: imaplib.IMAP4) -> list[str]:
    answer, found = server.uid("SEARCH", "UNDELETED")
    return _text(found).split() if answer == "OK" else []


def _message(server: imaplib.IMAP4, uid: str) -> bytes:
    """The message as it is. PEEK: it does not become one that was read."""
    answer, found = server.uid("FETCH", uid, "(BODY.PEEK[])")
    for part in found if answer == "OK" else ():
        if isinstance(part, tuple):
            return bytes(part[1])
    raise Unreadable(f"message {uid} is gone")


def _leave(server: imaplib.IMAP4) -> None:
    try:
        server.logout()
    except AWAY:
        server.shutdown()


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _text(told: object) -> str:
    first = told[0] if isinstance(told, list | tuple) and told else b""
    return first.decode(errors="replace") if isinstance(first, bytes) else str(first or "")


def _why(error: Exception) -> str:
    # a server's own words are bytes in these
    told = error.args[0] if error.args and isinstance(error.args[0], bytes) else None
    return told.decode(errors="replace") if told else str(error) or type(error).__name__
