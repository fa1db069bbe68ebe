"""TLS by files: served, taken up when they are renewed, and named when they are no good; and addresses of IPv6."""

from __future__ import annotations

import shutil
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from ix.api.server import tls
from ix.api.server.tls import Certificate
from ix.client import Client, ClientError
from ix.config import Settings
from ix.errors import ConfigError
from tests import logs
from tests.processes import Process

FILES = Path(__file__).parents[2] / "tls"
SECRET = "MHcC"
"""How a key of these begins."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    renewed(tmp_path, "old")
    return tmp_path


@pytest.fixture
def web(database_url: str, folder: Path) -> Iterator[Process]:
    files = {"IX_TLS_CERT": str(folder / "cert"), "IX_TLS_KEY": str(folder / "key")}
    process = Process("web", database_url, IX_HOST="::1" if has_ipv6() else "127.0.0.1", IX_HEADER_TIMEOUT="1", **files)
    yield process
    process.stop()


def has_ipv6() -> bool:
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False


def renewed(folder: Path, name: str, key: str = "") -> None:
    """Puts a certificate and a key where the settings look for them, as renewals do."""
    for kind, file in (("cert", f"{name}.crt"), ("key", f"{key or name}.key")):
        shutil.copy(FILES / file, folder / "next")
        (folder / "next").replace(folder / kind)


def shown(address: str) -> bytes:
    """The certificate that a new connection is shown."""
    url = httpx.URL(address)
    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection((url.host, url.port or 0)) as raw, trusting.wrap_socket(raw) as wrapped:
        return wrapped.getpeercert(True) or b""


def certificate(name: str) -> bytes:
    return ssl.PEM_cert_to_DER_cert((FILES / f"{name}.crt").read_text())


def test_web_speaks_tls_and_takes_up_what_is_renewed(
    web: Process, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = web.until(r"web listens address=(\S+)")[1]
    assert address.startswith("https://[::1]:" if has_ipv6() else "https://127.0.0.1:")
    with pytest.raises(ClientError), Client(address) as client:
        client.use_cases()
    # the client, and with it the commands, trusts whom the machine's own programs are told to trust
    monkeypatch.setenv("SSL_CERT_FILE", str(FILES / "old.crt"))
    with Client(address) as client:
        assert client.use_cases()
        # whoever is asleep in the handshake is cut off, and so is one who speaks no TLS
        url = httpx.URL(address)
        with socket.create_connection((url.host, url.port or 0)) as silent, silent.dup() as plain:
            plain.settimeout(10)
            assert plain.recv(1) == b""
        # a renewal that is no good is told, and changes nothing
        renewed(folder, "new", key="old")
        web.send(signal.SIGHUP)
        web.until("certificate is not usable.*KEY_VALUES_MISMATCH")
        assert shown(address) == certificate("old")
        renewed(folder, "new")
        web.send(signal.SIGHUP)
        web.until("certificate was read anew")
        assert shown(address) == certificate("new")
        # connections that were there stay as they are
        assert client.use_cases()
    web.send(signal.SIGTERM)
    assert web.wait() == 0


def test_files_that_change_are_taken_up_unasked(folder: Path) -> None:
    settings = Settings(tls_cert=str(folder / "cert"), tls_key=str(folder / "key"))
    with logs.heard() as log:
        found = Certificate(settings)
        found.look()
        assert log.lines == []
        (folder / "key").unlink()
        found.look()
        found.look()
        renewed(folder, "new")
        found.look()
        found.look()
    assert [line.split()[0] for line in log.lines] == ["WARNING", "INFO"]


@pytest.mark.parametrize(
    ("cert", "key", "said"),
    [
        ("nowhere.crt", "old.key", "IX_TLS_CERT: cannot read "),
        ("old.crt", "nowhere.key", "IX_TLS_KEY: cannot read "),
        ("old.crt", "new.key", "IX_TLS_CERT, IX_TLS_KEY: .*KEY_VALUES_MISMATCH"),
        ("old.crt", "locked.key", "IX_TLS_CERT, IX_TLS_KEY: .*without a password"),
        ("README.md", "old.key", "IX_TLS_CERT, IX_TLS_KEY: "),
        ("old.crt", "README.md", "IX_TLS_CERT, IX_TLS_KEY: "),
        ("old.crt", "", "IX_TLS_CERT: "),
        (".", "old.key", "IX_TLS_CERT: cannot read "),
    ],
)
def test_files_that_are_no_good_are_named(cert: str, key: str, said: str) -> None:
    settings = Settings(tls_cert=str(FILES / cert), tls_key=str(FILES / key) if key else "")
    with pytest.raises(ConfigError, match=f"^{said}") as refusal:
        tls.Certificate(settings)
    assert SECRET not in str(refusal.value)


def test_a_name_that_is_no_address_is_told(database_url: str) -> None:
    env = {"IX_POSTGRES_URL": database_url, "IX_HOST": "no-such-host.invalid"}
    done = subprocess.run([sys.executable, "-m", "ix", "web"], env=env, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "ix: IX_HOST: no-such-host.invalid is no address of this machine\n")
