"""A mail server of a test's own: Debian's Dovecot, IMAP over TLS and in the clear."""

from __future__ import annotations

import imaplib
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.ports import free_ports

USER, PASSWORD = "clerk@example.test", "mail-and-nothing-else"
START_SECONDS = 20.0
CONFIG = """
base_dir = {home}/run
state_dir = {home}/run
log_path = {home}/log
protocols = imap
listen = 127.0.0.1
default_login_user = {login}
default_internal_user = {user}
default_internal_group = {group}
ssl = yes
ssl_cert = <{certificate}
ssl_key = <{key}
mail_location = maildir:{home}/mail/%u
mail_uid = {user}
mail_gid = {group}
first_valid_uid = 1
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={home}/mail/%u
}}
service imap-login {{
  inet_listener imap {{
    port = {plain}
  }}
  inet_listener imaps {{
    port = {tls}
  }}
}}
"""


class MailServer:
    """An empty mailbox behind both ports. `certificate` vouches for the server."""

    def __init__(self, plain: int, tls: int, certificate: Path) -> None:
        self.plain, self.tls, self.certificate = plain, tls, certificate

    def deliver(self, message: bytes) -> None:
        """Puts a message into the mailbox."""
        with self._inbox() as inbox:
            answer, told = inbox.append("INBOX", "", imaplib.Time2Internaldate(time.time()), message)
            assert answer == "OK", told

    def unread(self) -> int:
        """How many messages nobody has read."""
        with self._inbox() as inbox:
            return len(inbox.search(None, "UNSEEN")[1][0].split())

    def remove_all(self) -> None:
        """Empties the mailbox."""
        with self._inbox() as inbox:
            for number in inbox.search(None, "ALL")[1][0].split():
                inbox.store(number, "+FLAGS", r"\Deleted")
            inbox.expunge()

    @contextmanager
    def _inbox(self) -> Iterator[imaplib.IMAP4]:
        server = imaplib.IMAP4("127.0.0.1", self.plain, timeout=START_SECONDS)
        try:
            server.login(USER, PASSWORD)
            server.select()
            yield server
        finally:
            server.logout()


@contextmanager
def mail_server(certificate: Path, key: Path) -> Iterator[MailServer]:
    """A server for a while. Skips the test where none is installed, or may not be started."""
    program = shutil.which("dovecot", path="/usr/sbin:/usr/local/sbin")
    if program is None:
        pytest.skip("no dovecot on this machine (Debian's dovecot-imapd)")
    home = Path(tempfile.mkdtemp(prefix="ix-mail-"))
    home.chmod(0o755)
    plain, tls = free_ports(2)
    (home / "mail").mkdir()
    shutil.chown(home / "mail", "dovecot", "dovecot")
    names = {"user": "dovecot", "group": "dovecot", "login": "dovenull", "password": PASSWORD}
    config = home / "dovecot.conf"
    config.write_text(CONFIG.format(home=home, certificate=certificate, key=key, plain=plain, tls=tls, **names))
    popen = subprocess.Popen([program, "-F", "-c", str(config)])
    try:
        _await(plain, popen, home / "log")
        yield MailServer(plain, tls, certificate)
    finally:
        popen.terminate()
        popen.wait()
        shutil.rmtree(home, ignore_errors=True)


def context_of(certificate: Path) -> ssl.SSLContext:
    """Trusts the server's certificate and no other."""
    return ssl.create_default_context(cafile=certificate)


def _await(port: int, popen: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            with closing(socket.create_connection(("127.0.0.1", port), 1)) as one:
                if one.recv(4) == b"* OK":
                    return
        except OSError:
            pass
        is_late = time.monotonic() > deadline or popen.poll() is not None
        assert not is_late, log.read_text() if log.exists() else "no log"
        time.sleep(0.05)
