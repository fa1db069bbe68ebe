"""TLS of web by files that `IX_TLS_CERT` and `IX_TLS_KEY` name. Renewed files are taken up while web runs: on SIGHUP,
or when they are seen to have changed."""

from __future__ import annotations

import os
import ssl
from collections.abc import Sequence

from ix.config import Settings
from ix.errors import ConfigError
from ix.telemetry.log import Event, log

LOOK_SECONDS = 5.0
"""Time between looks at the files."""


class Certificate:
    """The certificate in force. `context` is for the server; what it shows to each new connection is read anew with the
    files, and stays as it is while they are no good."""

    def __init__(self, settings: Settings) -> None:
        """Raises `ConfigError` for files that cannot be used."""
        self._files = [file for file in (settings.tls_cert, settings.tls_key) if file]
        # a header cannot come before it
        self.handshake_seconds = settings.header_timeout
        # before they are read: a change meanwhile is seen by the next look
        self._seen = _versions(self._files)
        self.context = self._current = _context(self._files)
        # the server's context stays; a connection, also one that names no server (RFC 6066, 3), goes on with this one
        self.context.sni_callback = self._choose

    def look(self) -> None:
        """Takes the files up if they have changed."""
        if (versions := _versions(self._files)) != self._seen:
            self._seen = versions
            self.renew()

    def renew(self) -> None:
        """Takes the files up, unless they are no good, as when one of the two is not written yet."""
        try:
            self._current = _context(self._files)
        except ConfigError as error:
            log(Event.TLS_NOT_RENEWED, error=error)
        else:
            log(Event.TLS_RENEWED, file=self._files[0])

    def _choose(self, connection: ssl.SSLObject | ssl.SSLSocket, name: str | None, context: ssl.SSLContext) -> None:
        if self._current is not context:
            connection.context = self._current


def _context(files: Sequence[str]) -> ssl.SSLContext:
    # Python's defaults for servers: TLS 1.2 at least, no compression, ciphers with forward secrecy
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.set_alpn_protocols(["http/1.1"])
    for name, file in zip(("IX_TLS_CERT", "IX_TLS_KEY"), files):
        _require_readable(name, file)
    try:
        # a password is never asked for: nobody sits at the terminal of a service
        context.load_cert_chain(files[0], files[-1], "")
    except (ssl.SSLError, ValueError) as error:
        # the library's words name what is wrong with a file, never its content
        reason = getattr(error, "reason", None) or "not usable"
        names = "IX_TLS_CERT, IX_TLS_KEY" if files[1:] else "IX_TLS_CERT"
        raise ConfigError(
            f"{names}: {' and '.join(files)} are no certificate and its key, both PEM, the key without a password "
            f"({reason})"
        ) from None
    return context


def _require_readable(name: str, file: str) -> None:
    try:
        with open(file, "rb"):
            pass
    except OSError as error:
        raise ConfigError(f"{name}: cannot read {file} ({error.strerror})") from None


def _versions(files: Sequence[str]) -> list[tuple[int, int, int] | None]:
    return [_version(file) for file in files]


def _version(file: str) -> tuple[int, int, int] | None:
    try:
        found = os.stat(file)
    except OSError:
        return None
    # renewals rename a new file, or a link, into place
    return found.st_ino, found.st_mtime_ns, found.st_size
